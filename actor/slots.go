package actor

import "sync"

// slots are the channels by which answers come, to be used again: an Ask makes
// none as a rule. They belong to the actor that is asked: a pool for all would
// carry channels out of a synctest bubble.
type slots struct {
	mu   sync.Mutex
	free []chan struct{}
}

// mostSlots is how many are kept: as many as ask one actor at the same time.
const mostSlots = 64

func (s *slots) take() chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free); n > 0 {
		c := s.free[n-1]
		s.free = s.free[:n-1]
		return c
	}
	return make(chan struct{}, 1)
}

// put takes back a channel with no token in it, to which none will come.
func (s *slots) put(c chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) < mostSlots {
		s.free = append(s.free, c)
	}
}
