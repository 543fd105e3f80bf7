package repair

import "time"

const (
	// ambient is the time between SPMs of a source that has nothing to say.
	ambient = 30 * time.Second
	// openings is how many SPMs begin a session, and end it.
	openings = 3
)

// heartbeats are the times between SPMs after data: a receiver that has lost the
// last packet of a burst hears from them that there is one. OpenPGM's values.
var heartbeats = [...]time.Duration{
	100 * time.Millisecond, 100 * time.Millisecond, 100 * time.Millisecond, 100 * time.Millisecond,
	1300 * time.Millisecond, 7 * time.Second, 16 * time.Second, 25 * time.Second, 30 * time.Second,
}

// schedule says when SPMs are due.
type schedule struct {
	atOnce int       // so many now
	beat   int       // index of the heartbeat that next waits for
	next   time.Time // the next heartbeat; each data packet puts it off
	latest time.Time // but not beyond this
}

// newSchedule begins a session as if data had been sent: receivers that start
// together with the source hear of it soon.
func newSchedule(now time.Time) schedule {
	s := schedule{atOnce: openings, latest: now.Add(ambient)}
	s.data(now)
	return s
}

// when is the time of the next SPM.
func (s *schedule) when(now time.Time) time.Time {
	switch {
	case s.atOnce > 0:
		return now
	case s.latest.Before(s.next):
		return s.latest
	}
	return s.next
}

// data notes that data was sent: the heartbeats begin anew.
func (s *schedule) data(now time.Time) {
	s.beat, s.next = 0, now.Add(heartbeats[0])
}

// sent notes that an SPM was sent.
func (s *schedule) sent(now time.Time) {
	if s.atOnce > 0 {
		s.atOnce--
	}
	s.latest = now.Add(ambient)
	if !now.Before(s.next) {
		s.beat = min(s.beat+1, len(heartbeats)-1)
		s.next = now.Add(heartbeats[s.beat])
	}
}
