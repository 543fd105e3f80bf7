package actor_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
)

// The model of an actor's lifecycle: what a supervised actor is, after which event it
// is what, and what that does to its messages. Random walks over it are made with a
// real actor of each kind; the edges that were taken are counted.

type modelState int

const (
	notStarted modelState = iota // the supervisor does not run
	resting                      // it runs, and waits
	holding                      // it works on a message that does not end
	backingOff                   // it has failed, and waits for its restart
	over                         // it has ended
)

var modelNames = [...]string{"notStarted", "resting", "holding", "backingOff", "over"}

// model is what the actor should be.
type model struct {
	state    modelState
	rule     actor.Restart
	queue    []string // messages that wait
	received []string
	fails    int // in a row
	dead     int // dead letters
	err      bool
	draining bool
}

// run is what the actor does by itself: it works off its mailbox.
func (m *model) run() {
	for m.state == resting {
		if len(m.queue) == 0 {
			if m.draining {
				m.state = over
			}
			return
		}
		x := m.queue[0]
		m.queue = m.queue[1:]
		switch x {
		case "fail":
			m.fail()
		case "hold":
			m.received = append(m.received, x)
			m.state = holding
		default:
			m.received = append(m.received, x)
		}
	}
}

// fail is a failure of the life.
func (m *model) fail() {
	m.dead++
	switch {
	case m.rule == actor.Temporary, m.draining && len(m.queue) == 0:
		m.state, m.err = over, true
		return
	}
	m.fails++
	if m.fails > 1 {
		m.state = backingOff
	}
}

type subject interface {
	actor.Unit
	send(s string) error
}

type typedSubject struct{ *actor.Ref[string] }

func (s typedSubject) send(m string) error { return s.TryTell(m) }

type frameSubject struct{ *actor.Actor }

func (s frameSubject) send(m string) error { return s.TrySend(text(m)) }

// theatre is the real thing: what it has received, and how it is let go on.
type theatre struct {
	got  []string
	hold chan string // what a held message is to do
}

func (th *theatre) handle(ctx context.Context, m string) error {
	switch m {
	case "fail":
		return errBoom
	case "hold":
		th.got = append(th.got, m)
		select {
		case how := <-th.hold:
			if how == "fail" {
				return errBoom
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	default:
		th.got = append(th.got, m)
	}
	return nil
}

func (th *theatre) typed(*actor.Context[string]) (actor.Handler[string], error) {
	return func(c *actor.Context[string], m string) error { return th.handle(c, m) }, nil
}

func (th *theatre) frames(ctx context.Context, p *actor.Pipe) error {
	for m, err := range p.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := th.handle(ctx, m.PopString()); err != nil {
			return err
		}
	}
	return nil
}

var modelEvents = []string{"send", "send", "fail", "hold", "go on", "fail held", "wait", "close", "shutdown", "run"}

// apply does an event, to the model and to the actor; possible is false when the model
// has no such edge.
func (m *model) apply(t *testing.T, event string, n int, a subject, th *theatre, run func()) (possible bool) {
	open := m.state != over && !m.draining
	switch event {
	case "send", "fail", "hold":
		s := event
		if event == "send" {
			s = fmt.Sprint(n)
		}
		err := a.send(s)
		if (err == nil) != open || err != nil && !errors.Is(err, actor.ErrClosed) {
			t.Errorf("%s to one that is %s (draining %v) = %v", event, modelNames[m.state], m.draining, err)
		}
		if open {
			m.queue = append(m.queue, s)
		}
	case "go on", "fail held":
		if m.state != holding {
			return false
		}
		m.state = resting
		if event == "go on" {
			th.hold <- "go on"
		} else {
			th.hold <- "fail"
			m.fail()
		}
	case "wait": // for the backoff
		time.Sleep(time.Minute)
		for m.state == backingOff { // and for those that follow
			m.state = resting
			m.run()
		}
	case "run":
		if m.state != notStarted {
			return false
		}
		run()
		m.state = resting
	case "close":
		if m.state == over {
			return false
		}
		if m.state == holding {
			m.dead++
		}
		m.state = over
		_ = a.Close()
	case "shutdown":
		if m.state == over || m.state == notStarted && len(m.queue) > 0 {
			return false // the second waits for a Run that may never come
		}
		m.draining = true
		go a.Shutdown(bg)
		if m.state == notStarted || m.state == backingOff && len(m.queue) == 0 {
			m.state = over // nothing is left to do
		}
	}
	synctest.Wait()
	if m.state == resting {
		m.run()
	}
	return true
}

func TestLifecycleModel(t *testing.T) {
	walks := 1500
	if os.Getenv("ZACTOR_FULL") != "" {
		walks = 5000
	}
	edges := map[string]int{}
	for seed := range walks {
		for _, kind := range []string{"typed", "frames"} {
			synctest.Test(t, func(t *testing.T) { modelWalk(t, uint64(seed), kind, edges) })
			if t.Failed() {
				t.Fatalf("seed %d, %s", seed, kind)
			}
		}
	}
	// Every edge that there is was taken.
	for _, e := range []string{
		"notStarted run resting", "notStarted close over", "notStarted shutdown over", "notStarted send notStarted",
		"notStarted run over", "notStarted run holding",
		"resting send resting", "resting fail resting", "resting fail backingOff", "resting fail over", "resting hold holding",
		"resting close over", "resting shutdown over",
		"holding go on resting", "holding fail held resting", "holding fail held backingOff", "holding close over",
		"holding shutdown holding", "holding go on over", "holding send holding",
		"backingOff wait resting", "backingOff close over", "backingOff shutdown over", "backingOff shutdown backingOff", "backingOff wait over",
		"backingOff send backingOff", "backingOff wait holding", "over send over",
	} {
		if edges[e] == 0 {
			t.Errorf("no walk took the edge %q", e)
		}
	}
}

func modelWalk(t *testing.T, seed uint64, kind string, edges map[string]int) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	m := &model{rule: actor.Restart(rnd.IntN(3))}
	th := &theatre{hold: make(chan string)}
	sup := supervisor(actor.OneForOne, actor.WithIntensity(1000, time.Hour), actor.WithBackoff(time.Second, time.Second))
	var a subject
	if kind == "typed" {
		r, err := actor.Supervise(sup, "a", th.typed, m.rule)
		if err != nil {
			t.Fatal(err)
		}
		a = typedSubject{r}
	} else {
		r, err := sup.Add("a", th.frames, m.rule)
		if err != nil {
			t.Fatal(err)
		}
		a = frameSubject{r}
	}
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	done := make(chan error, 1)
	run := func() { go func() { done <- sup.Run(ctx) }() }
	var trace []string
	for n := range 14 {
		event := modelEvents[rnd.IntN(len(modelEvents))]
		from := modelNames[m.state]
		if !m.apply(t, event, n, a, th, run) {
			continue
		}
		edge := from + " " + event + " " + modelNames[m.state]
		edges[edge]++
		trace = append(trace, edge)
		m.compare(t, a, th, trace)
	}
	// The end: everything ends, whatever it was.
	started := slices.ContainsFunc(trace, func(e string) bool { return len(e) > 14 && e[:14] == "notStarted run" })
	if !started {
		run()
		synctest.Wait()
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run = %v after %q", err, trace)
	}
	<-a.Done()
}

// compare holds the actor against the model.
func (m *model) compare(t *testing.T, a subject, th *theatre, trace []string) {
	synctest.Wait()
	s := a.Stats()
	waiting := s.Mailbox
	if m.state == over {
		waiting = s.Undelivered
	}
	if isDone(a) != (m.state == over) || waiting != len(m.queue) || !slices.Equal(th.got, m.received) ||
		(a.Err() != nil) != m.err {
		t.Errorf("after %q:\nthe actor: done %v, %d wait, received %v, Err %v\nthe model: %s, %v wait, received %v, error %v",
			trace, isDone(a), waiting, th.got, a.Err(), modelNames[m.state], m.queue, m.received, m.err)
	}
	if _, typed := a.(typedSubject); typed && int(s.DeadLetters) != m.dead {
		t.Errorf("after %q: %d dead letters, the model has %d", trace, s.DeadLetters, m.dead)
	}
}
