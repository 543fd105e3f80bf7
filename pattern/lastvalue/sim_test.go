package lastvalue_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/lastvalue"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

const at = "tcp://10.0.0.1:5556"

// world is a bubble with a network in memory: what runs in it ends with it.
type world struct {
	*testing.T
	net *zmqtest.Network
	ctx *zmq.Context
	all context.Context
	wg  sync.WaitGroup
}

func simulate(t *testing.T, f zmqtest.Faults, fn func(w *world)) {
	t.Helper()
	seed := zmqtest.Seed(t)
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, net: zmqtest.NewNetwork(seed, f)}
		w.ctx = zmq.NewContext(context.Background(), zmq.WithNetwork(w.net))
		all, end := context.WithCancel(w.ctx)
		w.all = all
		defer func() {
			end()
			w.wg.Wait()
			w.ctx.Close()
		}()
		fn(w)
	})
}

// cache runs a Cache.
func (w *world) cache(endpoint string, opts ...lastvalue.Option) *lastvalue.Cache {
	w.Helper()
	c, err := lastvalue.New(append([]lastvalue.Option{lastvalue.WithBind(endpoint), lastvalue.WithSocket(zmq.WithLinger(0))}, opts...)...)
	if err != nil {
		w.Fatal(err)
	}
	w.run(c)
	return c
}

func (w *world) run(c *lastvalue.Cache) (stop func()) {
	ctx, cancel := context.WithCancel(w.all)
	ended := make(chan struct{})
	w.wg.Go(func() {
		defer close(ended)
		if err := c.Run(ctx); unlessUnsent(err) != nil {
			w.Errorf("the cache ended with %v", err)
		}
	})
	return func() { cancel(); <-ended }
}

func (w *world) publish(c *lastvalue.Cache, frames ...string) {
	w.Helper()
	if err := c.Publish(msg.NewString(frames...)); err != nil {
		w.Errorf("publish %q: %v", frames, err)
	}
}

func (w *world) subscriber(endpoint string, opts []zmq.Option, prefixes ...string) *zmq.Socket {
	w.Helper()
	s, err := zmq.NewSub(w.ctx, opts...)
	if err != nil {
		w.Fatal(err)
	}
	for _, p := range prefixes {
		if err := s.Subscribe(p); err != nil {
			w.Fatal(err)
		}
	}
	if err := s.Connect(endpoint); err != nil {
		w.Fatal(err)
	}
	return s
}

// want expects messages, each a topic and a value with a blank between, and then nothing.
func (w *world) want(s *zmq.Socket, all ...string) {
	w.Helper()
	synctest.Wait()
	for _, want := range all {
		m, err := s.Recv(w.all)
		if got := m.PopString() + " " + m.PopString(); err != nil || got != want {
			w.Fatalf("%q, %v instead of %q", got, err, want)
		}
	}
	time.Sleep(time.Second) // of the bubble
	synctest.Wait()
	if m, err := s.TryRecv(); !errors.Is(err, zmq.ErrAgain) {
		w.Errorf("too much: %v, %v", m, err)
	}
}

// Who comes late gets the last value of each topic that it has subscribed to, once, in the
// order of the changes, and then what is new; nobody else is troubled.
func TestLateSubscriber(t *testing.T) {
	simulate(t, zmqtest.Faults{Delay: 3 * time.Millisecond, Slice: 3}, func(w *world) {
		c := w.cache(at)
		early := w.subscriber(at, nil, "a/", "b")
		w.want(early)
		for _, m := range [][]string{{"a/1", "old"}, {"a/2", "two"}, {"c", "x"}, {"b", "three"}, {"a/1", "one"}} {
			w.publish(c, m...)
		}
		w.want(early, "a/1 old", "a/2 two", "b three", "a/1 one")
		late := w.subscriber(at, nil, "a/")
		w.want(late, "a/2 two", "a/1 one")
		w.publish(c, "a/1", "new")
		w.publish(c, "b", "new")
		w.want(late, "a/1 new")
		w.want(early, "a/1 new", "b new")

		if err := late.Subscribe("b"); err != nil { // one more
			t.Error(err)
		}
		w.want(late, "b new")
		for _, covered := range []string{"a/1", "a", ""} { // of which it has some already
			if err := late.Subscribe(covered); err != nil {
				t.Error(err)
			}
		}
		w.want(late, "c x")
		for _, p := range []string{"", "a", "a/1", "b"} {
			if err := late.Unsubscribe(p); err != nil {
				t.Error(err)
			}
		}
		w.publish(c, "b", "newer")
		w.publish(c, "a/2", "newer")
		w.want(late, "a/2 newer")
		if m, ok := c.Get("a/2"); !ok || m.PopString() != "a/2" || m.PopString() != "newer" {
			t.Errorf("get: %v, %v", m, ok)
		}
		if c.Forget("nobody") || !c.Forget("a/1") {
			t.Error("forget")
		}
		w.want(w.subscriber(at, nil, "a/"), "a/2 newer")
		if st := c.Stats(); st.Subscribers != 3 || st.Topics != 3 || st.Behind != 0 || st.Skipped != 0 {
			t.Errorf("%v", st)
		}
		early.Close()
		late.Close()
		synctest.Wait()
		time.Sleep(time.Second)
		if st := c.Stats(); st.Subscribers != 1 {
			t.Errorf("two have gone: %v", st)
		}
	})
}

// Subscriptions come while values are published, from several goroutines: from the first
// value of a topic on, who has room gets each one, without a gap and without a double.
func TestNoGapNoDouble(t *testing.T) {
	const topics, values = 20, 400
	simulate(t, zmqtest.Faults{Delay: time.Millisecond, Jitter: 5 * time.Millisecond, Slice: 700}, func(w *world) {
		c := w.cache(at, lastvalue.WithSocket(zmq.WithSendHWM(0)))
		var all sync.WaitGroup
		for g := range topics {
			all.Go(func() {
				for n := range values {
					w.publish(c, fmt.Sprintf("%c/%d", 'a'+g%4, g), strconv.Itoa(n))
					time.Sleep(time.Duration(g%3) * 100 * time.Microsecond)
				}
			})
		}
		for g := range 12 {
			all.Go(func() {
				time.Sleep(time.Duration(g) * 3 * time.Millisecond)
				s := w.subscriber(at, []zmq.Option{zmq.WithRecvHWM(0)}, "a/", "b/1")
				last, missing := map[string]int{}, topics
				for missing > 0 {
					if g%2 == 1 && len(last) == 3 { // one more subscription, in the middle
						if err := s.Subscribe(""); err != nil {
							t.Error(err)
						}
					}
					if g%2 == 0 && len(last) == 7 {
						break
					}
					m, err := s.Recv(w.all)
					if err != nil {
						t.Error(err)
						return
					}
					topic := m.PopString()
					n, _ := strconv.Atoi(m.PopString())
					if before, ok := last[topic]; ok && n != before+1 {
						t.Errorf("subscriber %d: %s has %d after %d", g, topic, n, before)
					}
					last[topic] = n
					if n == values-1 {
						missing--
					}
					if g%2 == 0 && missing == topics-5-3 {
						break // a/ has 5 topics, and b/1 is 1, 13 and 17
					}
				}
				s.Close()
			})
		}
		all.Wait()
		if st := c.Stats(); st.Skipped != 0 || st.Published != topics*values {
			t.Errorf("%v", st)
		}
	})
}

// One that is too slow misses steps, in no topic the last value, and never gets an old
// value after a new one. The others get every step.
func TestSlowSubscriber(t *testing.T) {
	const topics, values = 50, 100
	simulate(t, zmqtest.Faults{Buffer: 1 << 10}, func(w *world) {
		c := w.cache(at, lastvalue.WithSocket(zmq.WithSendHWM(10)))
		events := c.Chan(w.all)
		slow := w.subscriber(at, []zmq.Option{zmq.WithRecvHWM(10)}, "")
		quick := w.subscriber(at, nil, "7")
		for c.Stats().Subscribers < 2 {
			time.Sleep(time.Millisecond)
		}
		for n := range values {
			for i := range topics {
				w.publish(c, strconv.Itoa(i), strconv.Itoa(n))
			}
			m, err := quick.Recv(w.all)
			if err != nil || m.PopString() != "7" || m.PopString() != strconv.Itoa(n) {
				t.Fatalf("the quick one got %v, %v", m, err)
			}
		}
		if e := <-events; e.Kind != lastvalue.Behind || e.Peer == "" {
			t.Errorf("%v", e)
		}
		if st := c.Stats(); st.Behind != 1 {
			t.Errorf("%v", st)
		}
		last, got := map[string]int{}, 0
		for missing := topics; missing > 0; got++ {
			m, err := slow.Recv(w.all)
			if err != nil {
				t.Fatal(err)
			}
			topic := m.PopString()
			n, _ := strconv.Atoi(m.PopString())
			if before, ok := last[topic]; ok && n <= before {
				t.Errorf("%s has %d after %d", topic, n, before)
			}
			if last[topic] = n; n == values-1 {
				missing--
			}
		}
		w.want(slow)
		if e := <-events; e.Kind != lastvalue.CaughtUp {
			t.Errorf("%v", e)
		}
		st := c.Stats()
		t.Log(got, "of", topics*values, st)
		if st.Behind != 0 || got+int(st.Skipped) != topics*values {
			t.Errorf("%d values came, and %v", got, st)
		}
		w.publish(c, "live", "again")
		w.want(slow, "live again")
	})
}

// A slow subscriber's first values are many more than there is room for; a subscription is
// added, taken back and said again meanwhile.
func TestManyTopics(t *testing.T) {
	const topics = 5000
	simulate(t, zmqtest.Faults{Buffer: 2 << 10}, func(w *world) {
		c := w.cache(at, lastvalue.WithSocket(zmq.WithSendHWM(20)))
		for i := range topics {
			w.publish(c, fmt.Sprintf("%c/%d", 'a'+i%2, i), "first")
		}
		s := w.subscriber(at, []zmq.Option{zmq.WithRecvHWM(20)}, "a/")
		got := map[string]int{}
		for len(got) < topics {
			m, err := s.Recv(w.all)
			if err != nil {
				t.Fatal(err)
			}
			got[m.PopString()]++
			switch len(got) {
			case 100, 300:
				err = s.Subscribe("b/")
			case 200:
				err = s.Unsubscribe("b/")
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for topic, n := range got {
			if n != 1 && topic[0] == 'a' {
				t.Errorf("%s came %d times", topic, n)
			}
		}
		w.want(s)
	})
}

// A Cache follows another one over a network that breaks all the time: at last it has all
// values, and so has its subscriber.
func TestSourceOverALossyNetwork(t *testing.T) {
	const second = "tcp://10.0.0.2:5556"
	simulate(t, zmqtest.Faults{Delay: time.Millisecond, Slice: 50, Loss: 20_000}, func(w *world) {
		first := w.cache(at)
		w.cache(second, lastvalue.WithSource(at))
		s := w.subscriber(second, nil, "")
		for n := range 100 {
			for i := range 40 {
				w.publish(first, strconv.Itoa(i), strconv.Itoa(n))
			}
			time.Sleep(10 * time.Millisecond)
		}
		for have := map[string]int{}; len(have) < 40; {
			m, err := s.Recv(w.all)
			if err != nil {
				t.Fatal(err)
			}
			if topic, text := m.PopString(), m.PopString(); text == "99" {
				have[topic]++
			}
		}
		if len(w.net.Dials()) < 4 {
			t.Errorf("no connection has broken: %d dials", len(w.net.Dials()))
		}
	})
}

// Publishers that connect, of which one sends what it may not.
func TestSourceBind(t *testing.T) {
	const in = "tcp://10.0.0.1:5557"
	simulate(t, zmqtest.Faults{}, func(w *world) {
		c := w.cache(at, lastvalue.WithSourceBind(in), lastvalue.WithLimits(2, 10_000))
		events := c.Chan(w.all)
		pub, err := zmq.NewPub(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := pub.Connect(in); err != nil {
			t.Fatal(err)
		}
		if err := pub.WaitSubscribers(w.all, "", 1); err != nil {
			t.Fatal(err)
		}
		for _, topic := range []string{"a", "b", "c", string(make([]byte, 256)), "a"} {
			if err := pub.SendString(w.all, topic, "x"); err != nil {
				t.Fatal(err)
			}
		}
		if e := <-events; e.Kind != lastvalue.Refused || e.Topic != "c" || !errors.Is(e.Err, lastvalue.ErrFull) || e.Peer == "" {
			t.Errorf("%v", e)
		}
		if e := <-events; !errors.Is(e.Err, lastvalue.ErrTopic) {
			t.Errorf("%v", e)
		}
		w.want(w.subscriber(at, nil, ""), "b x", "a x")
		if err := c.Publish(msg.NewString("c")); !errors.Is(err, lastvalue.ErrFull) {
			t.Errorf("a topic too many: %v", err)
		}
		if err := c.Publish(msg.Msg{}); !errors.Is(err, lastvalue.ErrTopic) {
			t.Errorf("nothing: %v", err)
		}
		if st := c.Stats(); st.Refused != 4 || st.Published != 3 || st.Topics != 2 {
			t.Errorf("%v", st)
		}
		if in2, err := c.Sources(w.all); err != nil || len(in2) != 1 || in2[0] != in {
			t.Errorf("%q, %v", in2, err)
		}
	})
}

// The oldest topic makes room, and that is said.
func TestEviction(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		c := w.cache(at, lastvalue.WithLimits(2, 10_000), lastvalue.WithEviction(true))
		events := c.Chan(w.all)
		for _, topic := range []string{"a", "b", "a", "c"} {
			w.publish(c, topic, "x")
		}
		if e := <-events; e.Kind != lastvalue.Evicted || e.Topic != "b" {
			t.Errorf("%v", e)
		}
		w.want(w.subscriber(at, nil, ""), "a x", "c x")
	})
}

// A forwarder hides who comes second, unless it says subscriptions again, and the Cache
// listens to that.
func TestRepeat(t *testing.T) {
	const front = "tcp://10.0.0.3:5556"
	for _, repeat := range []bool{false, true} {
		simulate(t, zmqtest.Faults{}, func(w *world) {
			c := w.cache(at, lastvalue.WithRepeat(repeat))
			xsub, err := zmq.NewXSub(w.ctx)
			xpub, err2 := zmq.NewXPub(w.ctx, zmq.WithXPubVerbose(true))
			if err := errors.Join(err, err2, xsub.Connect(at)); err != nil {
				t.Fatal(err)
			}
			if _, err := xpub.Bind(front); err != nil {
				t.Fatal(err)
			}
			p := zmq.NewProxy(xsub, xpub, nil)
			w.wg.Go(func() { _ = p.Run(w.all) })
			w.publish(c, "a", "x")
			first := w.subscriber(front, nil, "a")
			w.want(first, "a x")
			second := w.subscriber(front, nil, "a")
			if repeat {
				w.want(first, "a x")
				w.want(second, "a x")
			} else {
				w.want(first)
				w.want(second)
			}
		})
	}
}

// Whoever reads slowly is told how many events are missing.
func TestEventsMissed(t *testing.T) {
	const many = 1500 // more than wait
	c, err := lastvalue.New(lastvalue.WithBind(at), lastvalue.WithLimits(1, 1000), lastvalue.WithEviction(true))
	if err != nil {
		t.Fatal(err)
	}
	events := c.Events(t.Context())
	for n := range many + 1 {
		if err := c.Publish(msg.NewString(strconv.Itoa(n), "x")); err != nil {
			t.Fatal(err)
		}
	}
	told, missed := 0, 0
	for e := range events {
		switch {
		case e.Kind == lastvalue.Missed && e.N > 0:
			missed += int(e.N)
		case e.Kind == lastvalue.Evicted && e.Topic != "":
			told++
		default:
			t.Errorf("%v", e)
		}
		if told+missed >= many {
			break
		}
	}
	if missed == 0 || told+missed != many {
		t.Errorf("%d told, %d missed", told, missed)
	}
}

// The values outlive a Run, and what a supervisor restarts has them.
func TestRunAgain(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		c, err := lastvalue.New(lastvalue.WithBind(at))
		if err != nil {
			t.Fatal(err)
		}
		w.publish(c, "a", "before")
		for n := range 3 {
			stop := w.run(c)
			if _, err := c.Endpoints(w.all); err != nil {
				t.Error(err)
			}
			if err := c.Run(w.all); !errors.Is(err, lastvalue.ErrRunning) {
				t.Errorf("twice: %v", err)
			}
			s := w.subscriber(at, nil, "a")
			w.want(s, "a before")
			s.Close()
			stop()
			if st := c.Stats(); st.Subscribers != 0 {
				t.Errorf("%d: %v", n, st)
			}
		}
		sup, err := actor.NewSupervisor(actor.OneForOne)
		if err != nil {
			t.Fatal(err)
		}
		other, err := zmq.NewPub(w.ctx) // has the endpoint: Run fails
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Bind(at); err != nil {
			t.Fatal(err)
		}
		values, err := sup.Add("values", actor.ServiceFunc(c), actor.Permanent)
		if err != nil {
			t.Fatal(err)
		}
		w.wg.Go(func() {
			if err := sup.Run(w.all); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		other.Close()
		s := w.subscriber(at, nil, "a")
		if _, err := c.Endpoints(w.all); err != nil {
			t.Error(err)
		}
		w.want(s, "a before")
		if st := values.Stats(); st.Restarts == 0 {
			t.Errorf("it was not restarted: %v", st)
		}
	})
}

func TestMistakes(t *testing.T) {
	for name, opts := range map[string][]lastvalue.Option{
		"no bind":   nil,
		"no topics": {lastvalue.WithBind(at), lastvalue.WithLimits(0, 1)},
		"no bytes":  {lastvalue.WithBind(at), lastvalue.WithLimits(1, 0)},
		"no logger": {lastvalue.WithBind(at), lastvalue.WithSlog(nil)},
	} {
		if _, err := lastvalue.New(opts...); !errors.Is(err, lastvalue.ErrInvalidOption) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, opts := range map[string][]lastvalue.Option{
		"bind":        {lastvalue.WithBind("nonsense")},
		"source":      {lastvalue.WithBind("inproc://x"), lastvalue.WithSource("nonsense")},
		"source bind": {lastvalue.WithBind("inproc://x"), lastvalue.WithSourceBind("nonsense")},
		"option":      {lastvalue.WithBind("inproc://x"), lastvalue.WithSocket(zmq.WithSendHWM(-1))},
	} {
		c, err := lastvalue.New(opts...)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Run(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Endpoints(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: endpoints %v", name, err)
		}
	}
}
