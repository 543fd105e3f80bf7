package actortest

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/go-zactor/zactor/actor"
)

// patience is how long a message is waited for: in a bubble, no time.
const patience = 30 * time.Second

// Probe stands in the place of an actor: the test reads what it is told and asked. A
// question that it reads is the test's to answer.
type Probe[M any] struct {
	*actor.Ref[M] // what the program under test is given

	t   testing.TB
	got chan M
}

// NewProbe makes a probe, which is closed when the test ends. It holds up to 1000
// messages that were not read.
func NewProbe[M any](t testing.TB) *Probe[M] {
	t.Helper()
	p := &Probe[M]{t: t, got: make(chan M, 1000)}
	setup := func(*actor.Context[M]) (actor.Handler[M], error) {
		return func(c *actor.Context[M], m M) error {
			select {
			case p.got <- m:
				return nil
			case <-c.Done():
				return c.Err()
			}
		}, nil
	}
	r, err := actor.New(context.Background(), setup)
	if err != nil {
		t.Fatal(err)
	}
	p.Ref = r
	t.Cleanup(func() { _ = r.Close() })
	return p
}

// Next returns the next message. It ends the test when none comes within 30 s: in a
// bubble when none can come any more before that.
func (p *Probe[M]) Next() M {
	p.t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case m := <-p.got:
		return m
	case <-timer.C:
	}
	p.t.Fatalf("no message came within %v", patience)
	panic("unreachable")
}

// Expect returns the next message of a probe as a T, and ends the test when it is none.
func Expect[T any, M any](p *Probe[M]) T {
	p.t.Helper()
	m := p.Next()
	t, is := any(m).(T)
	if !is {
		p.t.Fatalf("a %T came, want a %v: %v", m, reflect.TypeFor[T](), fmt.Sprint(m))
	}
	return t
}

// None ends the test when a message comes within d. In a bubble that is time of the
// bubble.
func (p *Probe[M]) None(d time.Duration) {
	p.t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case m := <-p.got:
		p.t.Fatalf("a %T came, want none: %v", m, fmt.Sprint(m))
	case <-timer.C:
	}
}
