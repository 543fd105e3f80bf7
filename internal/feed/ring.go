package feed

// ring is a queue that grows as it has to and reuses its places.
type ring[T any] struct {
	places []T
	head   int // where the oldest is
	length int
}

func (r *ring[T]) push(v T) {
	if r.length == len(r.places) {
		r.grow()
	}
	r.places[(r.head+r.length)%len(r.places)] = v
	r.length++
}

func (r *ring[T]) grow() {
	bigger := make([]T, max(8, 2*len(r.places)))
	n := copy(bigger, r.places[r.head:])
	copy(bigger[n:], r.places[:r.head])
	r.places, r.head = bigger, 0
}

// first is the oldest, which must be there.
func (r *ring[T]) first() *T { return &r.places[r.head] }

// pop removes the oldest, which must be there, and keeps no reference to it.
func (r *ring[T]) pop() T {
	var none T
	v := r.places[r.head]
	r.places[r.head] = none
	r.head = (r.head + 1) % len(r.places)
	r.length--
	return v
}
