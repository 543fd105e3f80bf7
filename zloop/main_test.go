package zloop_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/mailbox"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// end is one end of a pair: the simplest Receiver there is.
type end = mailbox.End

func newPair() (a, b *end) { return mailbox.New(0, 0) }

func send(t *testing.T, e *end, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if err := e.TrySend(msg.NewString(s)); err != nil {
			t.Fatal(err)
		}
	}
}

// runFor runs l until d has passed on the (bubble's) clock. The context ends
// between two nanoseconds of the loop's own timers.
func runFor(t *testing.T, l *zloop.Loop, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d+time.Nanosecond)
	defer cancel()
	if err := l.Run(ctx); err != context.DeadlineExceeded {
		t.Fatalf("Run = %v, want the context's error", err)
	}
}

func count(n *int) func() error {
	return func() error {
		*n++
		return nil
	}
}

func stop() error { return zloop.ErrStop }

// newLoop makes a loop, whose options are right.
func newLoop(opts ...zloop.Option) *zloop.Loop {
	l, err := zloop.New(opts...)
	if err != nil {
		panic(err)
	}
	return l
}
