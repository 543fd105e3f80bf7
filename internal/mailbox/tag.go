package mailbox

// Tag is a note that travels with a message. Few messages have one, and a queue
// slot of more than four words costs every message dear (the compiler keeps no
// larger value in registers), so tags are queued beside the messages, each with
// the place of its own.
//
// A Tag is sent once. Its Value belongs to the users of the pair.
type Tag struct {
	Value any

	at   int // index of its message in the slice
	next *Tag
}

// tags is the list of the tags of one slice, in the order of their messages.
type tags struct{ first, last *Tag }

// head is the first tag; nil when there is none.
func (l *tags) head() *Tag {
	if l == nil {
		return nil
	}
	return l.first
}

func (l *tags) push(t *Tag, at int) {
	t.at = at
	if l.first == nil {
		l.first = t
	} else {
		l.last.next = t
	}
	l.last = t
}

// take returns the tag of the message at the index, which is not behind that of
// the first tag; nil when it has none.
func (l *tags) take(at int) *Tag {
	t := l.first
	if t == nil || t.at != at {
		return nil
	}
	l.first, t.next = t.next, nil
	return t
}
