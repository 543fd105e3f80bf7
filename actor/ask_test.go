package actor_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
)

// TestEveryAskerGetsItsOwnAnswer: many ask at once, some give up, others Send in
// between, and the actor answers some at once and some later, out of order.
func TestEveryAskerGetsItsOwnAnswer(t *testing.T) {
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		var later []*actor.Request
		var answers []msg.Msg
		for i := 0; ; i++ {
			m, err := p.Recv(ctx)
			if err != nil {
				return err
			}
			if m.PopString() == "send" {
				continue
			}
			if i%3 != 0 {
				if err := p.Reply(ctx, m); err != nil {
					return err
				}
				continue
			}
			later, answers = append(later, p.Defer()), append(answers, m)
			for j := len(later) - 1; j >= 0 && len(later) > 4; j-- {
				if err := later[j].Reply(ctx, answers[j]); err != nil {
					return err
				}
				later, answers = later[:j], answers[:j]
			}
		}
	}, actor.WithMailbox(10))
	var all sync.WaitGroup
	for g := range 16 {
		all.Go(func() {
			for i := range 500 {
				ctx, cancel := context.WithTimeout(bg, 20*time.Millisecond)
				id := strconv.Itoa(g) + "/" + strconv.Itoa(i)
				m, err := a.Ask(ctx, msg.NewString("ask", id))
				cancel()
				if err == nil && m.PopString() != id {
					t.Errorf("the answer to %s was for %v", id, m)
				}
				if err != nil && err != context.DeadlineExceeded {
					t.Errorf("Ask = %v", err)
				}
				_ = a.Send(bg, text("send"))
			}
		})
	}
	all.Wait()
}

func TestAskAndSendKeepTheirOrder(t *testing.T) {
	sum := 0
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		for m, err := range p.Messages(ctx) {
			if err != nil {
				return err
			}
			if s := m.PopString(); s == "sum" {
				_ = p.Reply(ctx, text(strconv.Itoa(sum)))
			} else {
				n, _ := strconv.Atoi(s)
				sum += n
			}
		}
		return nil
	})
	want := 0
	for i := range 100 {
		want += i
		_ = a.Send(bg, text(strconv.Itoa(i)))
		if m, err := a.Ask(bg, text("sum")); err != nil || m.PopString() != strconv.Itoa(want) {
			t.Fatalf("sum after %d: %v, %v, want %d", i, m, err, want)
		}
	}
}

func TestForgottenAskEndsWithErrNoReply(t *testing.T) {
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		for {
			if _, err := p.Recv(ctx); err != nil {
				return err
			}
		}
	})
	if _, err := a.Ask(bg, text("x")); err != actor.ErrNoReply {
		t.Errorf("Ask = %v", err)
	}
}

func TestAskOfAnActorThatFails(t *testing.T) {
	mine := errors.New("mine")
	for name, fn := range map[string]func(ctx context.Context, p *actor.Pipe) error{
		"error": func(ctx context.Context, p *actor.Pipe) error {
			_, _ = p.Recv(ctx)
			return mine
		},
		"panic": func(ctx context.Context, p *actor.Pipe) error {
			_, _ = p.Recv(ctx)
			panic(mine)
		},
		"deferred": func(ctx context.Context, p *actor.Pipe) error {
			_, _ = p.Recv(ctx)
			p.Defer()
			return mine
		},
	} {
		a := spawn(t, fn)
		if _, err := a.Ask(bg, text("x")); !errors.Is(err, actor.ErrNoReply) || !errors.Is(err, mine) {
			t.Errorf("%s: Ask = %v, want ErrNoReply and the reason", name, err)
		}
	}
}

func TestAskInTheMailboxOfAnActorThatEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := spawn(t, idle)
		c := make(chan error)
		go func() {
			_, err := a.Ask(bg, text("x"))
			c <- err
		}()
		synctest.Wait()
		stop(t, a)
		if err := <-c; err != actor.ErrClosed {
			t.Errorf("Ask = %v", err)
		}
	})
}

func TestAskEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reply error
		a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
			_, _ = p.Recv(ctx)
			time.Sleep(2 * time.Second)
			reply = p.Reply(ctx, text("too late"))
			return nil
		})
		ctx, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		if _, err := a.Ask(ctx, text("x")); err != context.DeadlineExceeded {
			t.Errorf("Ask = %v", err)
		}
		<-a.Done()
		if reply != nil {
			t.Errorf("Reply to who has given up = %v", reply)
		}
		if n := a.Stats().Output; n != 0 {
			t.Error("the late answer went to the owner")
		}
	})
}

func TestSecondReply(t *testing.T) {
	errs := make(chan error, 4)
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		_, _ = p.Recv(ctx)
		errs <- p.Reply(ctx, text("one"))
		errs <- p.Reply(ctx, text("two"))
		_, _ = p.Recv(ctx)
		r := p.Defer()
		errs <- r.Reply(ctx, text("three"))
		errs <- r.Reply(ctx, text("four"))
		return nil
	})
	for _, want := range []string{"one", "three"} {
		if m, err := a.Ask(bg, text("x")); err != nil || m.PopString() != want {
			t.Errorf("Ask = %v, %v, want %s", m, err, want)
		}
	}
	for i, want := range []error{nil, actor.ErrReplied, nil, actor.ErrReplied} {
		if err := <-errs; err != want {
			t.Errorf("Reply %d = %v, want %v", i, err, want)
		}
	}
}

// TestReplyToASendGoesNowhere: it is counted, and does not fill the output, also
// when it is deferred. (An actor that answered 2,000 messages which were not asked
// was stuck for good.)
func TestReplyToASendGoesNowhere(t *testing.T) {
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		for i := 0; ; i++ {
			m, err := p.Recv(ctx)
			if err != nil {
				return err
			}
			if i%2 == 0 {
				err = p.Reply(ctx, m)
			} else {
				err = p.Defer().Reply(ctx, m)
			}
			if err != nil {
				return err
			}
		}
	})
	const n = 5000
	for range n {
		_ = a.Send(bg, text("x"))
	}
	if m, err := a.Ask(bg, text("y")); err != nil || m.PopString() != "y" {
		t.Errorf("Ask = %v, %v", m, err)
	}
	if s := a.Stats(); s.Unasked != n || s.Output != 0 {
		t.Errorf("%d counted, %d in the output; want %d and 0", s.Unasked, s.Output, n)
	}
}
