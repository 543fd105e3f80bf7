package zloop

import (
	"iter"
	"sync"

	"github.com/go-zactor/zactor/internal/contain"
)

// Each calls fn with each value of a sequence, as the Events of any package return
// it. At the end of the sequence the handle ends with ErrClosed, or with ErrPanic if
// that was its end: see OnEnd.
//
// The first Run starts a goroutine that ranges over seq, for as long as the sequence
// lasts. One value is under way at a time: the next is taken when fn is done with
// the last. What Stop and the end of Run interrupt is not lost but for the value
// under way at Stop; the goroutine itself can only end with the next value, or with
// the sequence: end the context that it was made with.
func Each[T any](l *Loop, seq iter.Seq[T], fn func(T) error) *Handle {
	if seq == nil || fn == nil {
		return l.refusedHandle(nil, "Each")
	}
	s := &seqSource[T]{
		loop: l, seq: seq, fn: fn,
		got: make(chan T, 1), quit: make(chan struct{}), over: make(chan struct{}), taken: make(chan struct{}, 1),
	}
	return l.add(nil, s, nil)
}

// seqSource hands values from the goroutine that ranges to the loop's.
type seqSource[T any] struct {
	loop *Loop
	seq  iter.Seq[T]
	fn   func(T) error
	once sync.Once
	end  sync.Once

	got   chan T        // one slot: the value under way
	taken chan struct{} // one slot: fn is done with it
	over  chan struct{} // closed at the end of the sequence
	err   error         // why it ended; valid when over is closed
	quit  chan struct{} // closed by Stop
}

func (s *seqSource[T]) start() { s.once.Do(func() { go s.run() }) }

// halt ends the goroutine when the handle is stopped; between two Runs it waits.
func (s *seqSource[T]) halt(final bool) {
	if final {
		s.end.Do(func() { close(s.quit) })
	}
}

// run is the goroutine. A sequence that panics is at its end.
func (s *seqSource[T]) run() {
	contain.Run("sequence", func() error {
		s.each()
		return nil
	}, func(p error) {
		s.err = ErrClosed
		if p != nil {
			s.err = panicked(p)
		}
		close(s.over)
		s.loop.rescan()
	}, nil)
}

func (s *seqSource[T]) each() {
	for v := range s.seq {
		s.got <- v // there is no other under way
		s.loop.rescan()
		select {
		case <-s.taken:
		case <-s.quit:
			return
		}
	}
}

func (s *seqSource[T]) turn() (ran bool, ended, err error) {
	select {
	case v := <-s.got:
		defer func() { s.taken <- struct{}{} }()
		return true, nil, s.fn(v)
	default:
	}
	select {
	case <-s.over:
		return false, s.err, nil
	default:
		return false, nil, nil
	}
}
