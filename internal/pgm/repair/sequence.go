package repair

// ahead is how far a is ahead of b: sequence numbers wrap around, and the shorter
// way counts.
func ahead(a, b uint32) int { return int(int32(a - b)) }

// ring holds the values of consecutive sequence numbers. It grows as needed; its
// owner bounds it.
type ring[T any] struct {
	first uint32 // the number of the oldest value
	n     int
	slots []T // a power of two of them
}

// end is the number behind the newest value.
func (r *ring[T]) end() uint32 { return r.first + uint32(r.n) }

// at is the value of a number, nil when the ring does not have it.
func (r *ring[T]) at(sqn uint32) *T {
	if d := ahead(sqn, r.first); d < 0 || d >= r.n {
		return nil
	}
	return &r.slots[int(sqn)&(len(r.slots)-1)]
}

// push appends a value.
func (r *ring[T]) push(v T) {
	if r.n == len(r.slots) {
		r.grow()
	}
	r.n++
	*r.at(r.end() - 1) = v
}

// pop takes the oldest value off.
func (r *ring[T]) pop() T {
	at := r.at(r.first)
	v := *at
	clear(r.slots[int(r.first)&(len(r.slots)-1):][:1])
	r.first++
	r.n--
	return v
}

func (r *ring[T]) grow() {
	old := r.slots
	r.slots = make([]T, max(16, 2*len(old)))
	for i := range uint32(r.n) {
		r.slots[int(r.first+i)&(len(r.slots)-1)] = old[int(r.first+i)&(len(old)-1)]
	}
}
