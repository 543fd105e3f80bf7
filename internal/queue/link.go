package queue

// Link is a pipe's place in one ring of its owner.
type Link struct{ prev, next *Pipe }

// Turns is what a pipe's owner knows of its turns to be received from.
type Turns struct {
	Owed int    // how many it is to let pass, for what was taken
	Left uint64 // the turn in which it had nothing more
	More bool   // it had more when something was taken of it last
}

// Ring is a circular list of pipes, walked in order; joining, leaving and turning
// cost the same however many pipes there are. It is not safe for concurrent use.
type Ring struct {
	// Link chooses which of a pipe's links this ring uses.
	Link func(*Pipe) *Link
	head *Pipe
	n    int
}

// Head is the pipe whose turn it is, nil when the ring is empty.
func (r *Ring) Head() *Pipe { return r.head }

// Len is the number of pipes.
func (r *Ring) Len() int { return r.n }

// Turn passes the turn to the next pipe.
func (r *Ring) Turn() {
	if r.n > 1 {
		r.head = r.Link(r.head).next
	}
}

// Has reports whether p is in the ring.
func (r *Ring) Has(p *Pipe) bool { return r.Link(p).next != nil }

// Add puts p at the tail: its turn comes after everybody else's.
func (r *Ring) Add(p *Pipe) {
	l := r.Link(p)
	if l.next != nil {
		return
	}
	r.n++
	if r.head == nil {
		l.prev, l.next = p, p
		r.head = p
		return
	}
	head := r.Link(r.head)
	l.prev, l.next = head.prev, r.head
	r.Link(head.prev).next = p
	head.prev = p
}

// Remove takes p out; when it was its turn, the next one's comes.
func (r *Ring) Remove(p *Pipe) {
	l := r.Link(p)
	if l.next == nil {
		return
	}
	r.n--
	if l.next == p {
		r.head = nil
	} else {
		r.Link(l.prev).next = l.next
		r.Link(l.next).prev = l.prev
		if r.head == p {
			r.head = l.next
		}
	}
	l.prev, l.next = nil, nil
}

// All calls fn for each pipe, from the head on. fn must not change the ring.
func (r *Ring) All(fn func(*Pipe)) {
	p := r.head
	for range r.n {
		next := r.Link(p).next
		fn(p)
		p = next
	}
}
