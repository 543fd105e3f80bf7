package zloop

import (
	"net"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
)

// Conn calls fn with the bytes that c receives, in order, in pieces of whatever
// size they arrive in; they are fn's only until it returns. Nothing more is read
// meanwhile, so a slow handler slows the peer. At the end of the stream the
// handle ends with io.EOF, or with the error of the Read: see WithOnEnd.
//
// While the loop runs, a goroutine that belongs to the handle reads c, and
// nothing else may. It uses c's read deadline to end: Stop and the end of Run
// wait for it and clear the deadline. Bytes that it has read by then are given to
// fn when the loop is run again; after Stop they are lost. A connection that
// refuses deadlines is closed instead. c is never closed otherwise. One whose Read
// panics ends its handle with ErrPanic.
func (l *Loop) Conn(c net.Conn, fn func([]byte) error) *Handle {
	if isNil(c) || fn == nil {
		return l.refusedHandle(c, "Conn")
	}
	return l.add(c, newConnSource(l, c, fn), nil)
}

func newConnSource(l *Loop, c net.Conn, fn func([]byte) error) *connSource {
	return &connSource{
		c: c, fn: fn, loop: l,
		got:  make(chan piece, 1),
		done: make(chan int, 1),
		buf:  make([]byte, minRead),
	}
}

// Sizes of the read buffer: it starts small, and doubles when a Read fills it.
const (
	minRead = 4 << 10
	maxRead = 64 << 10
)

// connSource hands pieces from its reading goroutine to the loop's. One piece is
// under way at a time: the next Read begins when fn is done with the last.
type connSource struct {
	c    net.Conn
	fn   func([]byte) error
	loop *Loop
	got  chan piece // room for one; to the loop
	done chan int   // room for one; from the loop: fn is done with so many bytes

	mu     sync.Mutex    // guards quit and joined
	quit   chan struct{} // closed to end the reading goroutine; nil when there is none
	joined chan struct{} // closed when it has ended

	// Of the reading goroutines, which follow one another.
	buf  []byte
	owed bool  // a piece is under way
	err  error // of the last Read; it is the next piece
}

type piece struct {
	data []byte
	err  error
}

func (s *connSource) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quit == nil {
		s.quit, s.joined = make(chan struct{}), make(chan struct{})
		go s.read(s.quit, s.joined)
	}
}

func (s *connSource) halt(bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quit == nil {
		return
	}
	close(s.quit)
	if s.c.SetReadDeadline(time.Unix(1, 0)) != nil {
		_ = s.c.Close()
	}
	<-s.joined
	_ = s.c.SetReadDeadline(time.Time{})
	s.quit, s.joined = nil, nil
}

// read is the reading goroutine. A connection that panics is at its end.
func (s *connSource) read(quit, joined chan struct{}) {
	defer close(joined)
	contain.Run("read", func() error {
		s.receive(quit)
		return nil
	}, func(p error) {
		if p != nil {
			s.err = panicked(p)
			s.hand(piece{err: s.err})
		}
	}, nil)
}

func (s *connSource) receive(quit chan struct{}) {
	for s.settled(quit) {
		if s.err != nil {
			s.hand(piece{err: s.err})
			continue // nothing follows: settled waits for quit
		}
		n, err := s.c.Read(s.buf)
		if !closed(quit) { // else err is halt's deadline
			s.err = err
		}
		if n > 0 {
			s.hand(piece{data: s.buf[:n]})
		}
	}
}

// settled waits until no piece is under way; false means to quit.
func (s *connSource) settled(quit chan struct{}) bool {
	if s.owed {
		select {
		case n := <-s.done:
			s.owed = false
			if n == len(s.buf) && n < maxRead {
				s.buf = make([]byte, 2*n)
			}
		case <-quit:
		}
	}
	return !closed(quit)
}

// hand never blocks, since there is no other piece under way.
func (s *connSource) hand(p piece) {
	s.owed = true
	s.got <- p
	s.loop.rescan()
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (s *connSource) turn() (ran bool, ended, err error) {
	select {
	case p := <-s.got:
		if p.err != nil {
			return false, p.err, nil
		}
		defer func() { s.done <- len(p.data) }()
		return true, nil, s.fn(p.data)
	default:
		return false, nil, nil
	}
}
