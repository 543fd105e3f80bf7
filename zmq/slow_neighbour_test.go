package zmq_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// A subscriber that has stopped reading takes nothing from the others: they get all that is
// sent at their pace, as soon as those of a publisher without one; and what is dropped for
// it is counted: sent is what it finds when it reads again, and what was dropped.
func TestStoppedSubscriber(t *testing.T) {
	k := newKit(t, "tcp")
	others := ztest.Size(9, 99)
	alone, beside := newAudience(k, others), newAudience(k, others)
	stopped := k.joined(zmq.Sub, beside.endpoint, zmq.WithRecvHWM(10))
	k.ok(stopped.Subscribe("all"))
	k.ok(beside.pub.WaitSubscribers(k.ctx, "all", others+1))
	for beside.pub.Stats().Drops.HWM == 0 {
		beside.publish()
	}
	rounds := ztest.Size(100, 1000)
	fair := bestOf(5, func() bool {
		alone.took, beside.took = nil, nil
		for range rounds { // by turns, so that what else the machine does falls on both
			alone.publish()
			beside.publish()
		}
		slices.Sort(alone.took)
		slices.Sort(beside.took)
		return mid(beside.took) < 2*mid(alone.took)
	})
	ztest.Record(t, "A19", "one of many has stopped", "%d others have a message of %d bytes after %v (p50) and %v (p99), those of a publisher without it after %v and %v",
		others, audienceBytes, mid(beside.took), at99(beside.took), mid(alone.took), at99(alone.took))
	if !fair {
		t.Errorf("others have a message after %v beside one that has stopped, and after %v without it", mid(beside.took), mid(alone.took))
	}
	dropped := beside.pub.Stats().Drops.HWM
	for range beside.sent - dropped {
		_, err := stopped.Recv(k.ctx)
		k.ok(err)
	}
	beside.publish() // which is the next that it gets, if the count was right
	last, err := stopped.Recv(k.ctx)
	k.ok(err)
	if n := numberOf(last); n != beside.sent {
		t.Errorf("%d were sent and %d dropped, but then message %d came", beside.sent, dropped, n)
	}
	if n := beside.pub.Stats().Drops.HWM; n != dropped {
		t.Errorf("%d were dropped while it read, of which it has %d", n-dropped, beside.sent)
	}
}

func mid(sorted []time.Duration) time.Duration { return sorted[len(sorted)/2] }

const audienceBytes = 50_000

// audience is a publisher with subscribers who read.
type audience struct {
	k        *kit
	pub      *zmq.Socket
	endpoint string
	subs     []*zmq.Socket
	sent     uint64
	took     []time.Duration // until all had a message
}

func newAudience(k *kit, n int) *audience {
	a := &audience{k: k}
	a.pub, a.endpoint = k.bound(zmq.Pub, zmq.WithSendHWM(20))
	for range n {
		sub := k.joined(zmq.Sub, a.endpoint)
		k.ok(sub.Subscribe("all"))
		a.subs = append(a.subs, sub)
	}
	k.ok(a.pub.WaitSubscribers(k.ctx, "all", n))
	return a
}

// publish sends one message, and waits until each has it.
func (a *audience) publish() {
	a.k.Helper()
	began := time.Now()
	a.sent++
	first := binary.BigEndian.AppendUint64([]byte("all"), a.sent)
	a.k.ok(a.pub.Send(a.k.ctx, msg.New(first, make([]byte, audienceBytes))))
	for _, sub := range a.subs {
		m, err := sub.Recv(a.k.ctx)
		a.k.ok(err)
		if n := numberOf(m); n != a.sent {
			a.k.Fatalf("received message %d, sent %d", n, a.sent)
		}
	}
	a.took = append(a.took, time.Since(began))
}

func numberOf(m msg.Msg) uint64 { return binary.BigEndian.Uint64(m.Frames[0][len("all"):]) }
