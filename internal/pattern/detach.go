package pattern

import "iter"

// Detach takes s, which has nothing more to do with the index, out of it in one go, and
// returns what s had: its topics, in no order, which are not to be kept, and whether nobody
// else had them. No lock of the index guards that any more.
//
// It does so where s has more than most topics and all others together have no more than
// that: theirs are entered into an index of their own, which takes about as long as
// RemoveSome for most topics. Otherwise the answer is nil, and nothing has changed.
func (x *SubIndex[T]) Detach(s *Subscriber[T], most int) (had iter.Seq2[[]byte, bool]) {
	own := s.topics()
	if s.leaving || own <= most || x.places-own > most {
		return nil
	}
	x.alter()
	few, many := s.giveUp()
	x.quit(s)
	x.topics, x.places = topicSet[subscribers[T]]{}, x.places-own
	for o := range x.all {
		x.moveHere(o)
	}
	return func(yield func(topic []byte, last bool) bool) {
		var name []byte
		eachPlace(few, many, func(n *subNode[T]) bool {
			name = n.appendName(name[:0])
			return yield(name, len(n.value.all()) == 1)
		})
	}
}

// moveHere enters what a subscriber has in an index that was given up.
func (x *SubIndex[T]) moveHere(o *Subscriber[T]) {
	few, many := o.giveUp()
	eachPlace(few, many, func(old *subNode[T]) bool {
		x.name = old.appendName(x.name[:0])
		n := x.topics.insert(x.name)
		o.put(n, n.value.add(o))
		return true
	})
}

// topics is how many topics s has.
func (s *Subscriber[T]) topics() int { return len(s.few) + len(s.many.m) }

// giveUp leaves s without any.
func (s *Subscriber[T]) giveUp() (few []place[T], many map[*subNode[T]]uint32) {
	few, many = s.few, s.many.m
	s.few, s.many = nil, shrinkMap[*subNode[T], uint32]{}
	return few, many
}

func eachPlace[T any](few []place[T], many map[*subNode[T]]uint32, yield func(*subNode[T]) bool) {
	for _, p := range few {
		if !yield(p.node) {
			return
		}
	}
	for n := range many {
		if !yield(n) {
			return
		}
	}
}
