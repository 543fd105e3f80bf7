package zmqtest

import (
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"time"
)

var (
	errReset = errors.New("reset")
	errPipe  = errors.New("nobody reads")
	errGone  = errors.New("closed here")
	errLate  = errors.New("deadline")
)

// stream is one direction of a connection.
type stream struct {
	mu      sync.Mutex
	faults  Faults
	rng     *rand.Rand
	segs    []segment
	size    int // bytes in segs
	last    time.Time
	frozen  bool
	broken  bool // reset
	ended   bool // the writer has finished
	left    bool // the writer has closed its end
	unread  bool // the reader has closed its end
	changed chan struct{}
}

// segment is what one write, or a part of it, has put in.
type segment struct {
	data []byte
	at   time.Time // when it arrives
}

// wait returns a channel that closes when something changes; the caller holds mu.
func (s *stream) wait() <-chan struct{} {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// wake tells those who wait; the caller holds mu.
func (s *stream) wake() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

func (s *stream) read(p []byte, late <-chan struct{}) (int, error) {
	for {
		s.mu.Lock()
		n, delay, err := s.take(p, late)
		changed := s.wait()
		s.mu.Unlock()
		if n > 0 || err != nil {
			return n, err
		}
		pause(changed, late, delay)
	}
}

// take moves what has arrived into p. delay is how long to wait when there is
// nothing; 0 waits for a change.
func (s *stream) take(p []byte, late <-chan struct{}) (n int, delay time.Duration, err error) {
	switch {
	case s.unread:
		return 0, 0, errGone
	case s.broken:
		return 0, 0, errReset
	case isClosed(late):
		return 0, 0, errLate
	case s.frozen || len(p) == 0:
		return 0, 0, nil
	case len(s.segs) == 0 && s.ended:
		return 0, 0, io.EOF
	case len(s.segs) == 0:
		return 0, 0, nil
	}
	now := time.Now()
	if d := s.segs[0].at.Sub(now); d > 0 {
		return 0, d, nil
	}
	if s.faults.Slice > 0 {
		p = p[:min(len(p), 1+s.rng.IntN(s.faults.Slice))]
	}
	for n < len(p) && len(s.segs) > 0 && !s.segs[0].at.After(now) {
		k := copy(p[n:], s.segs[0].data)
		n += k
		if s.segs[0].data = s.segs[0].data[k:]; len(s.segs[0].data) == 0 {
			s.segs[0] = segment{}
			s.segs = s.segs[1:]
		}
	}
	s.size -= n
	s.wake()
	return n, 0, nil
}

// pause waits for a change, the deadline, or a delay.
func pause(changed, late <-chan struct{}, delay time.Duration) {
	var timer <-chan time.Time
	if delay > 0 {
		t := time.NewTimer(delay)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-changed:
	case <-late:
	case <-timer:
	}
}

func (s *stream) write(p []byte, late <-chan struct{}) (n int, err error) {
	for {
		s.mu.Lock()
		k, err := s.put(p[n:], late)
		changed := s.wait()
		s.mu.Unlock()
		n += k
		if n == len(p) || err != nil {
			return n, err
		}
		pause(changed, late, 0)
	}
}

// put queues as much of p as there is room for.
func (s *stream) put(p []byte, late <-chan struct{}) (int, error) {
	switch {
	case s.left:
		return 0, errGone
	case s.broken:
		return 0, errReset
	case s.unread || s.ended:
		return 0, errPipe
	case isClosed(late):
		return 0, errLate
	}
	n := min(len(p), s.faults.Buffer-s.size)
	if n <= 0 {
		return 0, nil
	}
	s.segs = append(s.segs, segment{append([]byte(nil), p[:n]...), s.arrival()})
	s.size += n
	s.wake()
	return n, nil
}

// arrival is when a write of now arrives: never before an earlier one.
func (s *stream) arrival() time.Time {
	at := time.Now().Add(s.faults.Delay)
	if s.faults.Jitter > 0 {
		at = at.Add(time.Duration(s.rng.Int64N(int64(s.faults.Jitter))))
	}
	if at.Before(s.last) {
		at = s.last
	}
	s.last = at
	return at
}

func (s *stream) change(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn()
	s.wake()
}

func (s *stream) freeze(on bool) { s.change(func() { s.frozen = on }) }
func (s *stream) endWrite()      { s.change(func() { s.ended = true }) }
func (s *stream) leave()         { s.change(func() { s.left = true }) }

func (s *stream) endRead() {
	s.change(func() { s.unread, s.segs, s.size = true, nil, 0 })
}

func (s *stream) breakOff() {
	s.change(func() { s.broken, s.segs, s.size = true, nil, 0 })
}
