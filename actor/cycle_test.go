package actor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
)

// ask is answered with what asking the next of a list of actors yields.
type ask struct {
	path []*actor.Ref[any]
	how  string
	actor.Answer[error]
}

// relay asks the next of the path, and answers with what came of it.
func relay(c *actor.Context[any], m any) error {
	q, ok := m.(*ask)
	if !ok {
		return nil
	}
	if len(q.path) == 0 {
		return q.Reply(nil)
	}
	next := &ask{path: q.path[1:], how: q.how}
	on := func(ctx context.Context) error {
		err, failed := actor.Ask(ctx, q.path[0], next)
		return errors.Join(err, failed)
	}
	switch q.how {
	case "async":
		c.Async(func(ctx context.Context) any {
			_ = q.Reply(on(ctx))
			return nil
		})
		return nil
	case "question":
		return q.Reply(on(q.Context()))
	}
	return q.Reply(on(c))
}

// A circle of asks is found at once, and only a circle.
func TestCycles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(bg, time.Minute)
		defer cancel()
		a, b, c := open(t, handler(relay)), open(t, handler(relay)), open(t, handler(relay))
		for name, x := range map[string]struct {
			path  []*actor.Ref[any]
			how   string
			cycle bool
		}{
			"itself":                 {[]*actor.Ref[any]{a, a}, "", true},
			"two":                    {[]*actor.Ref[any]{a, b, a}, "", true},
			"three":                  {[]*actor.Ref[any]{a, b, c, a}, "", true},
			"a later one":            {[]*actor.Ref[any]{a, b, c, b}, "", true},
			"none":                   {[]*actor.Ref[any]{a, b, c}, "", false},
			"question's context":     {[]*actor.Ref[any]{a, b, a}, "question", true},
			"async":                  {[]*actor.Ref[any]{a, b, a, b, a}, "async", false},
			"question without cycle": {[]*actor.Ref[any]{a, b, c}, "question", false},
		} {
			begin := time.Now()
			err, failed := actor.Ask(ctx, x.path[0], &ask{path: x.path[1:], how: x.how})
			if failed != nil || errors.Is(err, actor.ErrCycle) != x.cycle || time.Since(begin) != 0 {
				t.Errorf("%s: %v, %v after %v", name, err, failed, time.Since(begin))
			}
		}
	})
}

// A pool with a member that is free answers; one whose members all wait for the
// asker is a circle.
func TestCyclesThroughAPool(t *testing.T) {
	for _, members := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			sup := supervisor(actor.OneForOne)
			running(t, sup)
			p, _ := actor.Pool(sup, "p", members, actor.Shared[any](), handler(relay))
			a := open(t, handler(relay))
			ctx, cancel := context.WithTimeout(bg, time.Minute)
			defer cancel()
			err, failed := actor.Ask(ctx, p, &ask{path: []*actor.Ref[any]{a, p}})
			if failed != nil || errors.Is(err, actor.ErrCycle) != (members == 1) {
				t.Errorf("%d members: %v, %v", members, err, failed)
			}
		})
	}
}

// Two that ask each other at the same moment do not wait for ever; and nobody is told
// of a circle who is in none.
func TestCyclesRace(t *testing.T) {
	ctx, cancel := context.WithTimeout(bg, time.Minute)
	defer cancel()
	a, b, c := open(t, handler(relay)), open(t, handler(relay)), open(t, handler(relay))
	done := make(chan bool)
	crossing := func(path ...*actor.Ref[any]) {
		for range 500 {
			if err, failed := actor.Ask(ctx, path[0], &ask{path: path[1:]}); failed != nil ||
				err != nil && !errors.Is(err, actor.ErrCycle) {
				t.Errorf("%v, %v", err, failed)
			}
		}
		done <- true
	}
	straight := func(path ...*actor.Ref[any]) {
		d, e := open(t, handler(relay)), open(t, handler(relay))
		for range 500 {
			if err, failed := actor.Ask(ctx, d, &ask{path: []*actor.Ref[any]{e}}); failed != nil || err != nil {
				t.Errorf("in no circle: %v, %v", err, failed)
			}
		}
		done <- true
	}
	go crossing(a, b)
	go crossing(b, a)
	go crossing(b, c, a)
	go straight()
	for range 4 {
		<-done
	}
}

// A question that was passed on is no longer in the way of who had it.
func TestNoCycleThroughAPassedQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asker *actor.Ref[any]
		last := open(t, handler(func(_ *actor.Context[any], m any) error {
			time.Sleep(time.Second)
			return m.(*ask).Reply(nil)
		}))
		var got error
		middle := open(t, handler(func(c *actor.Context[any], m any) error {
			if err := last.Tell(c, m); err != nil {
				return err
			}
			_, got = actor.Ask(c, asker, &ask{})
			return nil
		}))
		asker = open(t, handler(func(c *actor.Context[any], m any) error {
			if q := m.(*ask); q.how == "" {
				return q.Reply(nil)
			}
			_, err := actor.Ask(c, middle, &ask{})
			return errors.Join(err, m.(*ask).Reply(err))
		}))
		if err, failed := actor.Ask(bg, asker, &ask{how: "begin"}); err != nil || failed != nil {
			t.Errorf("%v, %v", err, failed)
		}
		synctest.Wait()
		if got != nil {
			t.Errorf("the one in the middle: %v", got)
		}
	})
}

// Actors that speak frames, and those that do not, in one circle.
func TestCyclesOfFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(bg, time.Minute)
		defer cancel()
		var self *actor.Actor
		var typed *actor.Ref[any]
		fn := func(ctx context.Context, p *actor.Pipe) error {
			for m, err := range p.Messages(ctx) {
				if err != nil {
					return err
				}
				switch m.PopString() {
				case "self":
					_, err = self.Ask(ctx, text("x"))
				case "typed":
					err, _ = actor.Ask(ctx, typed, &ask{how: "frames"})
				}
				answer := "none"
				if errors.Is(err, actor.ErrCycle) {
					answer = "cycle"
				}
				if err := p.Reply(ctx, text(answer)); err != nil {
					return err
				}
			}
			return nil
		}
		self = spawn(t, fn)
		typed = open(t, handler(func(c *actor.Context[any], m any) error {
			_, err := self.Ask(c, text("x"))
			return m.(*ask).Reply(err)
		}))
		for _, what := range []string{"self", "typed"} {
			if m, err := self.Ask(ctx, msg.NewString(what)); err != nil || m.PopString() != "cycle" {
				t.Errorf("%s: %v, %v", what, m, err)
			}
		}
		if m, err := self.Ask(ctx, text("x")); err != nil || m.PopString() != "none" {
			t.Errorf("no circle: %v, %v", m, err)
		}
	})
}
