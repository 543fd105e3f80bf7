//go:build unix

package lastvalue_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// A Cache in the middle is killed or stopped twenty times, while values change: each time
// the subscriber behind it gets the newest of every topic.
func TestCacheKilledAndStopped(t *testing.T) {
	first, source := serve(t)
	at := proc.TCP(t, 1)[0]
	start := func() *proc.Process {
		p := proc.Start(t, "cache", source, at)
		p.Expect("ready")
		return p
	}
	p := start()
	sub, err := zmq.NewSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	if err := sub.Subscribe(""); err != nil {
		t.Fatal(err)
	}
	if err := sub.Connect(at); err != nil {
		t.Fatal(err)
	}
	const topics = 10
	for round := range 20 {
		if round%2 == 0 {
			p.Kill()
		} else if err := p.Stop(); err != nil {
			t.Fatal(err)
		}
		value := fmt.Sprint("value ", round)
		for i := range topics {
			if err := first.Publish(msg.NewString(strconv.Itoa(i), value)); err != nil {
				t.Fatal(err)
			}
		}
		if round%2 == 0 {
			p = start()
		} else if err := p.Continue(); err != nil {
			t.Fatal(err)
		}
		for have := map[string]bool{}; len(have) < topics; {
			m, err := sub.Recv(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if topic := m.PopString(); m.PopString() == value {
				have[topic] = true
			}
		}
	}
}

// A subscriber is killed or stopped twenty times, while more is published than the kernel
// and the queues take: at last it has the newest value of each topic, and no older one
// after it.
func TestSubscriberKilledAndStopped(t *testing.T) {
	c, at := serve(t, smallQueues)
	start := func() *proc.Process {
		p := proc.Start(t, "subscribe", at)
		p.Expect("ready")
		return p
	}
	p := start()
	const topics = 3
	for round := range 20 {
		if round%2 == 0 {
			p.Kill()
		} else if err := p.Stop(); err != nil {
			t.Fatal(err)
		}
		for n := range 1000 {
			for i := range topics {
				if err := c.Publish(msg.NewString(fmt.Sprint("k", i), fmt.Sprint(round, ".", n, filler))); err != nil {
					t.Fatal(err)
				}
			}
		}
		if round%2 == 0 {
			p = start()
		} else if err := p.Continue(); err != nil {
			t.Fatal(err)
		}
		last := map[string]int{}
		for done := 0; done < topics; {
			found := p.Expect(`^(k\d) (\d+)\.(\d+)`)
			r, _ := strconv.Atoi(found[2])
			n, _ := strconv.Atoi(found[3])
			if n += r * 1000; n < last[found[1]] {
				t.Fatalf("round %d: %s after %d", round, found[0], last[found[1]])
			}
			last[found[1]] = n
			if n == round*1000+999 {
				done++
			}
		}
	}
	st := c.Stats()
	t.Log(st)
	if st.Skipped == 0 {
		t.Error("the subscriber was never behind")
	}
}
