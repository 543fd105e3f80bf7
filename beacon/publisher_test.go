package beacon

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// rehearsal runs a publisher in a bubble, with a diary in place of sockets.
type rehearsal struct {
	publisher
	t     *testing.T
	start time.Time
	slow  time.Duration
	fresh bool // whether the next look finds a new interface
	done  chan struct{}
	ended chan struct{}

	mu    sync.Mutex
	diary []string // guarded by mu
}

func rehearse(t *testing.T, play func(r *rehearsal)) {
	synctest.Test(t, func(t *testing.T) {
		r := &rehearsal{t: t, start: time.Now(), done: make(chan struct{}), ended: make(chan struct{})}
		r.publisher = publisher{
			commands: make(chan command), done: r.done, rescan: 2 * time.Second, say: r.say, look: r.look,
		}
		go func() { r.run(); close(r.ended) }()
		play(r)
		close(r.done)
		<-r.ended
	})
}

func (r *rehearsal) note(what string, data []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.diary = append(r.diary, fmt.Sprintf("%v %s %s", time.Since(r.start), what, data))
}

func (r *rehearsal) say(data []byte) {
	time.Sleep(r.slow)
	r.note("say", data)
}

func (r *rehearsal) look() func([]byte) {
	fresh := r.fresh
	r.fresh = false
	return func(data []byte) {
		if fresh {
			r.note("greet", data)
		}
	}
}

// plugIn lets the next look find a new interface.
func (r *rehearsal) plugIn() {
	if err := r.do(func() { r.fresh = true }); err != nil {
		r.t.Error(err)
	}
}

// pass lets time go by and returns what was said meanwhile.
func (r *rehearsal) pass(d time.Duration) []string {
	time.Sleep(d)
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	said := r.diary
	r.diary = nil
	return said
}

func (r *rehearsal) expect(d time.Duration, want ...string) {
	r.t.Helper()
	if got := r.pass(d); !slices.Equal(got, want) {
		r.t.Errorf("in the next %v: %q, want %q", d, got, want)
	}
}

func (r *rehearsal) publishes(text string, every time.Duration) {
	if err := r.do(func() { r.publish([]byte(text), every) }); err != nil {
		r.t.Error(err)
	}
}

func TestPublisherTiming(t *testing.T) {
	rehearse(t, func(r *rehearsal) {
		r.expect(time.Hour) // nothing before it is asked to
		r.start = time.Now()
		r.publishes("a", 300*time.Millisecond)
		r.expect(0, "0s say a") // at once
		r.expect(time.Second, "300ms say a", "600ms say a", "900ms say a")
		r.publishes("b", time.Second) // at once again, on a new schedule
		r.expect(1500*time.Millisecond, "1s say b", "2s say b")
		if err := r.do(r.silence); err != nil {
			t.Error(err)
		}
		r.expect(time.Hour)
		if err := r.do(r.silence); err != nil {
			t.Error(err)
		}
		r.start = time.Now()
		r.publishes("", time.Second) // an empty beacon is one as well
		r.expect(1500*time.Millisecond, "0s say ", "1s say ")
	})
}

// A slow interface makes beacons rarer; they do not pile up behind it.
func TestPublisherCountsFromTheEndOfASend(t *testing.T) {
	rehearse(t, func(r *rehearsal) {
		r.slow = 400 * time.Millisecond
		r.publishes("a", 100*time.Millisecond)
		r.expect(time.Second, "400ms say a", "900ms say a", "1.4s say a")
	})
}

// The pace is asked for after each beacon, and counts from there on.
func TestPublisherPace(t *testing.T) {
	rehearse(t, func(r *rehearsal) {
		factor := time.Duration(3)
		if err := r.do(func() { r.pace = func(every time.Duration) time.Duration { return every * factor } }); err != nil {
			t.Error(err)
		}
		r.publishes("a", time.Second)
		r.expect(4*time.Second, "0s say a", "3s say a")
		if err := r.do(func() { factor = 1 }); err != nil { // from the next one on
			t.Error(err)
		}
		r.expect(4*time.Second, "6s say a", "7s say a", "8s say a")
		if err := r.do(func() { factor = -1 }); err != nil { // a millisecond is the least
			t.Error(err)
		}
		r.expect(time.Second+2500*time.Microsecond, "9s say a", "9.001s say a", "9.002s say a")
	})
}

func TestPublisherGreetsNewInterfaces(t *testing.T) {
	rehearse(t, func(r *rehearsal) {
		r.plugIn()
		r.expect(3 * time.Second) // silent, so there is nothing to greet with
		r.publishes("a", time.Hour)
		r.plugIn()
		r.expect(2*time.Second, "3s say a", "4s greet a")
		r.expect(10 * time.Second)
	})
}

func TestPublisherAfterItsEnd(t *testing.T) {
	rehearse(t, func(r *rehearsal) {
		r.publishes("a", time.Second)
		r.pass(0)
		close(r.done)
		<-r.ended
		if err := r.do(func() { t.Error("a command ran after the end") }); !errors.Is(err, ErrClosed) {
			t.Errorf("a command after the end: %v, want %v", err, ErrClosed)
		}
		r.expect(time.Hour)
		r.done = make(chan struct{}) // for rehearse, which closes it again
	})
}
