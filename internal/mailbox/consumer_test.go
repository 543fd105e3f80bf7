package mailbox_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-zactor/zactor/internal/mailbox"
)

// wakes counts, and leaves a token for each call.
type wakes chan struct{}

func (w wakes) Wake() { w <- struct{}{} }

func newConsumer[T any](limit int) (*mailbox.Queue[T], *mailbox.Consumer[T], wakes) {
	q, c, w := new(mailbox.Queue[T]), new(mailbox.Consumer[T]), make(wakes, 10)
	q.Init(limit)
	c.Init(w)
	return q, c, w
}

// A parked consumer is woken once, with the message in its hand.
func TestParkedConsumerGetsTheMessage(t *testing.T) {
	q, c, w := newConsumer[int](4)
	if _, err := q.Next(c); err != mailbox.ErrParked {
		t.Fatalf("Next on an empty queue = %v", err)
	}
	if !q.Parked(c) {
		t.Error("a parked consumer is not waiting")
	}
	for i := range 3 {
		if err := q.TrySend(i); err != nil {
			t.Fatal(err)
		}
	}
	if len(w) != 1 || q.Parked(c) {
		t.Fatalf("%d wakes, want 1", len(w))
	}
	if m, err := c.Woken(); m != 0 || err != nil {
		t.Errorf("woken with %d, %v", m, err)
	}
	for want := 1; want < 3; want++ {
		if m, err := q.Next(c); m != want || err != nil {
			t.Errorf("Next = %d, %v; want %d", m, err, want)
		}
	}
}

// A nudge reaches a consumer that is parked, and one that is about to park; and
// it never takes the place of a message.
func TestNudge(t *testing.T) {
	q, c, w := newConsumer[int](4)
	q.Nudge(c)
	if err := q.TrySend(7); err != nil {
		t.Fatal(err)
	}
	if m, err := q.Next(c); m != 7 || err != nil {
		t.Errorf("Next = %d, %v; want the message first", m, err)
	}
	if _, err := q.Next(c); err != mailbox.ErrInterrupted {
		t.Errorf("Next after a nudge = %v", err)
	}
	if _, err := q.Next(c); err != mailbox.ErrParked {
		t.Errorf("Next after that = %v", err)
	}
	q.Nudge(c)
	if <-w; true {
		if _, err := c.Woken(); err != mailbox.ErrInterrupted {
			t.Errorf("woken with %v", err)
		}
	}
}

// The close of the queue wakes the parked, after what is queued.
func TestCloseWakesConsumer(t *testing.T) {
	q, c, w := newConsumer[int](4)
	_ = q.TrySend(1)
	q.CloseSend()
	if err := q.TrySend(2); err != mailbox.ErrClosed {
		t.Errorf("TrySend = %v", err)
	}
	if m, err := q.Next(c); m != 1 || err != nil {
		t.Errorf("Next = %d, %v", m, err)
	}
	if _, err := q.Next(c); err != mailbox.ErrClosed {
		t.Errorf("Next = %v", err)
	}
	q2, c2, w2 := newConsumer[int](4)
	_, _ = q2.Next(c2)
	q2.CloseSend()
	<-w2
	if _, err := c2.Woken(); err != mailbox.ErrClosed {
		t.Errorf("woken with %v", err)
	}
	_ = w
}

func TestAbandonReturnsWhatIsLeft(t *testing.T) {
	q, c, _ := newConsumer[int](10)
	for i := range 3 {
		_ = q.TrySend(i)
	}
	_, _ = q.Next(c)
	_ = q.TrySend(3)
	if left := q.Abandon(); len(left) != 3 || left[0] != 1 || left[2] != 3 {
		t.Errorf("left %v, want 1 2 3", left)
	}
	if q.Len() != 0 {
		t.Errorf("%d in an abandoned queue", q.Len())
	}
}

// worker is a consumer that works on goroutines that end when there is nothing.
type worker struct {
	q    *mailbox.Queue[int]
	c    mailbox.Consumer[int]
	sum  *atomic.Int64
	got  *sync.WaitGroup
	busy atomic.Int32
	t    *testing.T
}

func (w *worker) Wake() { go w.run() }

func (w *worker) run() {
	if w.busy.Add(1) != 1 {
		w.t.Error("a consumer runs twice")
	}
	m, err := w.c.Woken()
	for {
		switch {
		case err == nil:
			w.sum.Add(int64(m))
			w.got.Done()
		case !errors.Is(err, mailbox.ErrInterrupted):
			return
		}
		w.busy.Add(-1)
		if m, err = w.q.Next(&w.c); err == mailbox.ErrParked {
			return
		}
		w.busy.Add(1)
	}
}

// Nothing is lost and nobody runs twice, with many senders, a small bound, several
// consumers and nudges at all times.
func TestConsumersRace(t *testing.T) {
	for _, limit := range []int{1, 3, 1000} {
		const senders, each = 4, 500
		q := new(mailbox.Queue[int])
		q.Init(limit)
		var sum atomic.Int64
		var got, sending sync.WaitGroup
		got.Add(senders * each)
		workers := make([]*worker, 3)
		for i := range workers {
			workers[i] = &worker{q: q, sum: &sum, got: &got, t: t}
			workers[i].c.Init(workers[i])
			if _, err := q.Next(&workers[i].c); err != mailbox.ErrParked {
				t.Fatal(err)
			}
		}
		for range senders {
			sending.Go(func() {
				for i := range each {
					if err := q.Send(context.Background(), i); err != nil {
						t.Error(err)
					}
					if i%7 == 0 {
						q.Nudge(&workers[i%3].c)
					}
				}
			})
		}
		sending.Wait()
		got.Wait()
		if want := int64(senders * each * (each - 1) / 2); sum.Load() != want {
			t.Errorf("limit %d: sum %d, want %d", limit, sum.Load(), want)
		}
		q.CloseSend()
	}
}
