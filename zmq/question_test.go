package zmq

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/zap"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
)

// desk is a Context with an authenticator that has not read anything, and a socket that
// asks it.
type desk struct {
	*testing.T
	ctx   context.Context
	judge *Socket
	asks  *Socket
}

func newDesk(t *testing.T, opts ...Option) *desk {
	t.Helper()
	zctx := NewContext(context.Background())
	t.Cleanup(func() { _ = zctx.Close() })
	d := &desk{T: t, ctx: ztest.Within(t)}
	var err error
	if d.judge, err = NewRouter(zctx, append(opts, WithReservedName(true), WithLinger(0))...); err != nil {
		t.Fatal(err)
	}
	if _, err = d.judge.Bind("inproc://" + zapName); err != nil {
		t.Fatal(err)
	}
	if d.asks, err = NewPull(zctx, WithLinger(0)); err != nil {
		t.Fatal(err)
	}
	return d
}

// ask puts a question about a peer of an address; answered gets what becomes of it.
func (d *desk) ask(address string, answered chan<- error) (abort func()) {
	return d.asks.ask(zap.Request{Mechanism: "NULL", Address: address}, time.Time{}, func(_ [][]byte, _ []byte, err error) { answered <- err })
}

// next reads one question and answers it.
func (d *desk) next() (address string) {
	d.Helper()
	m, err := d.judge.Recv(d.ctx)
	if err != nil {
		d.Fatal(err)
	}
	to := m.Pop()
	r, err := zap.ParseRequest(m.Frames)
	if err != nil {
		d.Fatal(err)
	}
	reply := zap.Reply{ID: r.ID, Status: zap.StatusSuccess}
	if err := d.judge.Send(d.ctx, msg.New(append([][]byte{to}, reply.Encode()...)...)); err != nil {
		d.Fatal(err)
	}
	return r.Address
}

// An authenticator that answers one question after the other gets that about a peer of
// another address next, however many there are about those of one, which take one link and
// half of the places at most.
func TestQuestionsOfTheOther(t *testing.T) {
	d := newDesk(t, WithRecvHWM(0))
	const many = zapOfOne + 300
	answered := make(chan error, many+1)
	for range many {
		d.ask("192.0.2.1", answered)
	}
	d.ask("192.0.2.2", answered)
	if st := d.asks.Stats(); st.Asking != many+1 {
		t.Errorf("%d are asked, want %d", st.Asking, many+1)
	}
	if n := d.judge.Stats(); n.Connected != 2 || n.Unread != zapOfOne+1 {
		t.Errorf("%d links with %d questions, want 2 with %d", n.Connected, n.Unread, zapOfOne+1)
	}
	if first, second := d.next(), d.next(); first != "192.0.2.2" && second != "192.0.2.2" {
		t.Errorf("it was asked about %s and %s first", first, second)
	}
	for range many - 1 {
		d.next()
	}
	for range many + 1 {
		if err := ztest.Soon(t, "an answer", answered); err != nil {
			t.Fatal(err)
		}
	}
	d.empty()
}

// empty waits until nothing is left of all questions.
func (d *desk) empty() {
	d.Helper()
	z := &d.asks.zc.zap
	ztest.Eventually(d, "nothing is left", func() bool {
		z.mu.Lock()
		defer z.mu.Unlock()
		return z.turns.Held()+z.turns.Waiting()+len(z.askers)+z.idle.Len() == 0 && d.asks.Stats().Asking == 0 && d.judge.Stats().Connected == 0
	})
}

// Who asks and leaves, again and again, fills no authenticator that does not read: there
// is one link with so many questions, and then it is busy for that address, not for others.
func TestQuestionsOfWhoLeaves(t *testing.T) {
	d := newDesk(t, WithRecvHWM(10))
	answered := make(chan error, 1)
	busy := 0
	for range 3 * zapWaiting {
		d.ask("192.0.2.1", answered)()
		switch err := ztest.Soon(t, "its end", answered); {
		case errors.Is(err, errAuthenticatorBusy):
			busy++
		case !errors.Is(err, errAuthenticatorSlow):
			t.Fatal(err)
		}
	}
	if n := d.judge.Stats(); n.Connected != 1 || n.Unread > zapWaiting+10 || busy < zapWaiting {
		t.Errorf("%d links with %d questions, %d times busy", n.Connected, n.Unread, busy)
	}
	d.ask("192.0.2.2", answered)
	unread := d.judge.Stats().Unread
	for range unread {
		d.next()
	}
	if err := ztest.Soon(t, "the answer of the other", answered); err != nil {
		t.Error(err)
	}
	d.empty()
}

// Questions end with the authenticator, and the next one has them anew.
func TestQuestionsOutliveNoAuthenticator(t *testing.T) {
	d := newDesk(t)
	answered := make(chan error, 10)
	for i := range 10 {
		d.ask(fmt.Sprint("192.0.2.", i%3), answered)
	}
	_ = d.judge.Close()
	for range 10 {
		if err := ztest.Soon(t, "their end", answered); !errors.Is(err, errAuthenticatorGone) {
			t.Errorf("%v, want that it has gone", err)
		}
	}
	d.ask("192.0.2.1", answered)
	if err := ztest.Soon(t, "its end", answered); !errors.Is(err, errNoAuthenticator) {
		t.Errorf("%v, want that there is none", err)
	}
	d.empty()
}
