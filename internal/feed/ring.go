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

// at is the i-th from the oldest on, which must be there.
func (r *ring[T]) at(i int) *T { return &r.places[(r.head+i)%len(r.places)] }

// remove takes the i-th out, and has those behind it move up.
func (r *ring[T]) remove(i int) T {
	v := *r.at(i)
	for ; i+1 < r.length; i++ {
		*r.at(i) = *r.at(i + 1)
	}
	var none T
	*r.at(i) = none
	r.length--
	return v
}
