package mailbox_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/go-zactor/zactor/internal/mailbox"
)

// What a lone consumer has taken makes room at once, wherever in its batch it is.
func TestLoneConsumerMakesRoomAtOnce(t *testing.T) {
	for _, limit := range []int{1, 2, 5} {
		q, c, _ := newConsumer[int](limit)
		sent, got := 0, 0
		for range 4 * limit {
			for q.TrySend(sent) == nil {
				sent++
			}
			if sent-got != limit || q.Len() != limit {
				t.Fatalf("limit %d: %d queued, Len %d", limit, sent-got, q.Len())
			}
			if m, err := q.NextAlone(c); m != got || err != nil {
				t.Fatalf("limit %d: NextAlone = %d, %v; want %d", limit, m, err, got)
			}
			if got++; q.Len() != limit-1 {
				t.Fatalf("limit %d: Len %d after one was taken", limit, q.Len())
			}
		}
		if left := q.Abandon(); len(left) != limit-1 || limit > 1 && left[0] != got {
			t.Errorf("limit %d: left %v, want %d from %d on", limit, left, limit-1, got)
		}
	}
}

// A sender that waits comes before one that comes later, and learns of room from
// the next message that is taken.
func TestLoneConsumerLetsSendersOnInTurn(t *testing.T) {
	q, c, _ := newConsumer[int](1)
	_ = q.TrySend(1)
	sent := make(chan error)
	go func() { sent <- q.Send(context.Background(), 2) }()
	for !q.SenderWaits() {
		runtime.Gosched()
	}
	if m, err := q.NextAlone(c); m != 1 || err != nil {
		t.Fatalf("NextAlone = %d, %v", m, err)
	}
	if err := q.TrySend(3); err != mailbox.ErrAgain {
		t.Errorf("TrySend before one that waits = %v", err)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
	if m, err := q.NextAlone(c); m != 2 || err != nil {
		t.Errorf("NextAlone = %d, %v; want 2", m, err)
	}
}

// loner is a worker that is alone.
type loner struct {
	q    *mailbox.Queue[[2]int]
	c    mailbox.Consumer[[2]int]
	next []int // of each sender
	got  int
	done chan struct{} // closed when the queue is
	t    *testing.T
}

func (l *loner) Wake() { go l.run() }

func (l *loner) run() {
	m, err := l.c.Woken()
	for {
		switch {
		case err == nil:
			if m[1] != l.next[m[0]] {
				l.t.Errorf("sender %d's %d came when %d was next", m[0], m[1], l.next[m[0]])
			}
			l.next[m[0]] = m[1] + 1
			l.got++
		case errors.Is(err, mailbox.ErrClosed):
			close(l.done)
			return
		}
		if m, err = l.q.NextAlone(&l.c); err == mailbox.ErrParked {
			return
		}
	}
}

// With a lone consumer nothing is lost, nothing overtakes, nobody is forgotten and
// the bound holds, with many senders, cancellations and nudges.
func TestLoneConsumerRace(t *testing.T) {
	for _, limit := range []int{1, 3, 1000} {
		const senders, each = 4, 500
		q := new(mailbox.Queue[[2]int])
		q.Init(limit)
		l := &loner{q: q, next: make([]int, senders), done: make(chan struct{}), t: t}
		l.c.Init(l)
		if _, err := q.NextAlone(&l.c); err != mailbox.ErrParked {
			t.Fatal(err)
		}
		var sending sync.WaitGroup
		for s := range senders {
			sending.Go(func() { l.feed(s, each, limit) })
		}
		sending.Wait()
		q.CloseSend()
		<-l.done
		if l.got != senders*each {
			t.Errorf("limit %d: %d came, want %d", limit, l.got, senders*each)
		}
	}
}

// feed sends each messages, in all the ways that there are.
func (l *loner) feed(s, each, limit int) {
	for i := 0; i < each; {
		var err error
		if i%3 == 0 {
			err = l.q.TrySend([2]int{s, i})
		} else {
			ctx, cancel := context.WithCancel(context.Background())
			if i%5 == s {
				go cancel()
			}
			err = l.q.Send(ctx, [2]int{s, i})
			cancel()
		}
		if err != nil {
			runtime.Gosched()
			continue
		}
		if i++; i%7 == 0 {
			l.q.Nudge(&l.c)
		}
		if n := l.q.Len(); n > limit {
			l.t.Errorf("%d messages in a queue of %d", n, limit)
		}
	}
}
