package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// promise is what docs/reliability.md says of messages that were accepted.
type promise int

const (
	// upToTheWire: nothing is lost but what a lost connection had taken: the bytes in both
	// kernels and what was being written. Nothing is doubled.
	upToTheWire promise = iota
	// swapped: the same, and what was on disk and is not acknowledged may come twice.
	swapped
	// dropped: nothing is lost but that and what Stats counts as dropped.
	dropped
	// requeued: nothing is lost; what may be a double is marked.
	requeued
	// durable: what each subscriber got and what it was told that it missed is everything.
	durable
)

// book is a play of TestSimBooks: a bound socket, clients that connect, and what is promised
// of what goes up to it, or down to them.
type book struct {
	name           string
	server, client zmq.Type
	down           bool // the bound one sends
	skip           int  // frames in front of the flow's
	serverOpts     func(s *sim) []zmq.Option
	clientOpts     func(s *sim, i int) []zmq.Option
	clients        int
	promise        promise
}

var books = []book{
	{name: "PUSH-PULL up", server: zmq.Pull, client: zmq.Push, clients: 3, promise: upToTheWire},
	{name: "PUSH-PULL down", server: zmq.Push, client: zmq.Pull, clients: 2, down: true},
	{name: "DEALER-ROUTER", server: zmq.Router, client: zmq.Dealer, clients: 3, skip: 1},
	{name: "DEALER-DEALER", server: zmq.Dealer, client: zmq.Dealer, clients: 2, down: true},
	{name: "CLIENT-SERVER", server: zmq.Server, client: zmq.Client, clients: 3},
	{name: "SCATTER-GATHER", server: zmq.Gather, client: zmq.Scatter, clients: 3},
	{name: "PAIR", server: zmq.Pair, client: zmq.Pair, clients: 1},
	{name: "CHANNEL", server: zmq.Channel, client: zmq.Channel, clients: 1, down: true},
	{name: "ROUTER-DEALER", server: zmq.Router, client: zmq.Dealer, clients: 1, down: true, skip: 0,
		serverOpts: withAll(zmq.WithRouterMandatory(true)), clientOpts: named, promise: dropped},
	{name: "handover", server: zmq.Router, client: zmq.Dealer, clients: 3, skip: 1,
		serverOpts: withAll(zmq.WithRouterHandover(true)), clientOpts: func(*sim, int) []zmq.Option { return []zmq.Option{zmq.WithRoutingID("same")} }},
	{name: "swap", server: zmq.Pull, client: zmq.Push, clients: 1,
		clientOpts: func(s *sim, _ int) []zmq.Option { return []zmq.Option{zmq.WithSwap(s.TempDir(), 1<<20)} }, promise: swapped},
	{name: "PUB-SUB", server: zmq.Pub, client: zmq.Sub, clients: 3, down: true, promise: dropped},
	{name: "XPUB-XSUB", server: zmq.XPub, client: zmq.XSub, clients: 2, down: true, promise: dropped},
	{name: "RADIO-DISH", server: zmq.Radio, client: zmq.Dish, clients: 2, down: true, promise: dropped},
	{name: "requeue", server: zmq.Push, client: zmq.Pull, clients: 3, down: true, promise: requeued,
		serverOpts: withAll(zmq.WithRequeue(true)), clientOpts: func(*sim, int) []zmq.Option { return []zmq.Option{zmq.WithRequeue(true)} }},
	{name: "durable", server: zmq.Pub, client: zmq.Sub, clients: 2, down: true, promise: durable,
		serverOpts: withAll(zmq.WithDurableBounds(40, 0, time.Hour)),
		clientOpts: func(_ *sim, i int) []zmq.Option { return []zmq.Option{zmq.WithDurable(fmt.Sprint("sub", i))} }},
}

func withAll(opts ...zmq.Option) func(*sim) []zmq.Option {
	return func(*sim) []zmq.Option { return opts }
}

func named(*sim, int) []zmq.Option { return []zmq.Option{zmq.WithRoutingID("reader")} }

const bookHWM = 10

// TestSimBooks plays all kinds of sockets through a network that breaks, with durable
// subscribers, requeueing, swap and handover of routing ids. When it is over each message
// that was accepted has arrived, or is explained by a written promise. The seed is the name
// of the subtest: ZACTOR_SEED=n repeats it.
func TestSimBooks(t *testing.T) {
	t.Parallel()
	first := ztest.Seed(t)
	seeds := 200
	if ztest.Race {
		seeds = 32 // each play twice; the others are played without the detector
	}
	for i := range ztest.Size(seeds, 10_000) {
		seed := first + uint64(i)
		rng := stressRand(seed, 78)
		b := books[seed%uint64(len(books))]
		f := zmqtest.Faults{
			Delay: time.Duration(rng.IntN(30)) * time.Millisecond, Jitter: time.Duration(rng.IntN(30)) * time.Millisecond,
			Slice: []int{0, 0, 7, 1000}[rng.IntN(4)], Buffer: []int{300, 1000, 4000}[rng.IntN(3)],
		}
		t.Run(fmt.Sprintf("ZACTOR_SEED=%d/%s", seed, b.name), func(t *testing.T) {
			simulate(t, seed, f, func(s *sim) {
				(&bookRun{sim: s, book: b, rng: rng, buffer: f.Buffer, marked: map[uint64]bool{}}).play()
			})
		})
		if t.Failed() {
			return
		}
	}
}

// bookRun is one play.
type bookRun struct {
	*sim
	book
	rng    *rand.Rand
	buffer int

	server   *zmq.Socket
	clients  []*zmq.Socket
	accepted []uint64 // by sender
	readers  []*bookReader
	gaps     sync.WaitGroup

	mu     sync.Mutex
	marked map[uint64]bool // numbers of which a marked copy has come
}

// bookReader is what one receiver has got.
type bookReader struct {
	s       *zmq.Socket
	ledger  *ztest.Ledger
	doubles int    // those that may be
	missed  uint64 // what it was told of
	bad     error
}

func (r *bookRun) play() {
	r.open()
	ctx, stop := context.WithCancel(r.ctx)
	defer stop()
	var reading, sending sync.WaitGroup
	for _, x := range r.readers {
		reading.Go(func() { r.read(ctx, x) })
	}
	sendCtx, enough := context.WithCancel(ctx)
	for i, s := range r.senders() {
		sending.Go(func() { r.accepted[i] = r.send(sendCtx, s, uint32(i+1), r.accepted[i], 1<<40) })
	}
	r.storm(8*time.Second, func(away time.Duration) { time.Sleep(away / 10) })
	enough()
	sending.Wait()
	time.Sleep(3 * time.Minute) // all is whole again, and what waits goes out
	r.settled()
	before := slices.Clone(r.accepted)
	for i, s := range r.senders() {
		r.accepted[i] = r.send(ctx, s, uint32(i+1), r.accepted[i], 20)
	}
	time.Sleep(3 * time.Minute)
	stop()
	reading.Wait()
	r.audit(before)
	for _, s := range slices.Concat(r.senders(), r.clients, []*zmq.Socket{r.server}) { // senders first, whose peers are there
		var unsent *zmq.UnsentError
		if err := s.Close(); errors.As(err, &unsent) && !r.handsOver() {
			r.Errorf("%v: everything was sent, and %v", s.Type(), err)
		}
	}
	r.gaps.Wait()
}

// open makes the sockets, and waits until subscriptions are known.
func (r *bookRun) open() {
	beat := zmq.WithHeartbeat(time.Second, 3*time.Second, 5*time.Second)
	opts := []zmq.Option{zmq.WithSendHWM(bookHWM), zmq.WithRecvHWM(bookHWM), zmq.WithLinger(time.Minute), beat}
	server := opts
	if r.serverOpts != nil {
		server = append(slices.Clone(opts), r.serverOpts(r.sim)...)
	}
	r.server = r.bound(r.book.server, server...)
	for i := range r.book.clients {
		own := opts
		if r.clientOpts != nil {
			own = append(slices.Clone(opts), r.clientOpts(r.sim, i)...)
		}
		c := r.sim.open(r.book.client, own...)
		var err error
		switch c.Type() {
		case zmq.Sub, zmq.XSub:
			err = c.Subscribe("")
		case zmq.Dish:
			err = c.Join("g")
		}
		if err = errors.Join(err, c.Connect(simEndpoint)); err != nil {
			r.Fatal(err)
		}
		r.clients = append(r.clients, c)
		if r.down {
			r.addReader(c)
		}
	}
	if !r.down {
		r.addReader(r.server)
	}
	if !r.handsOver() {
		r.linked(r.clients...)
	}
	r.settled()
	r.accepted = make([]uint64, len(r.senders()))
}

// settled waits until subscribers are known again.
func (r *bookRun) settled() {
	switch {
	case r.server.Type() == zmq.Radio:
		if err := r.server.WaitSubscribers(r.ctx, "g", len(r.clients)); err != nil {
			r.Fatal(err)
		}
	case r.down && (r.promise == dropped || r.promise == durable) && r.server.Type() != zmq.Router:
		if err := r.server.WaitSubscribers(r.ctx, "", len(r.clients)); err != nil {
			r.Fatal(err)
		}
	case r.server.Type() == zmq.Router && r.down:
		r.linked(r.clients...)
	}
}

// handsOver reports that clients take their routing id from each other for ever.
func (r *bookRun) handsOver() bool { return r.name == "handover" }

func (r *bookRun) addReader(s *zmq.Socket) {
	x := &bookReader{s: s, ledger: ztest.NewLedger()}
	if r.promise != durable && r.promise != dropped && len(r.readers) > 0 {
		x.ledger = r.readers[0].ledger // they share what is sent
	}
	r.readers = append(r.readers, x)
	if r.promise == durable {
		ctx, stop := context.WithCancel(r.ctx)
		r.tidy = append(r.tidy, stop)
		events := s.Events(ctx, zmq.EventGap)
		r.gaps.Go(func() {
			for e := range events {
				var missed *zmq.MissedError
				if errors.As(e.Err, &missed) {
					x.missed += missed.N
				} else if errors.Is(e.Err, zmq.ErrForgotten) {
					x.bad = e.Err
				}
			}
		})
	}
}

func (r *bookRun) senders() []*zmq.Socket {
	if r.down {
		return []*zmq.Socket{r.server}
	}
	return r.clients
}

// send sends messages from num on, and returns the number after the last one that was accepted.
func (r *bookRun) send(ctx context.Context, s *zmq.Socket, id uint32, num, n uint64) uint64 {
	flow := &ztest.Flow{ID: id, Seed: r.sim.rng, Multi: !onePart(s.Type()), Large: 2000}
	rng := stressRand(r.sim.rng, uint64(id)+30)
	for end := num + n; num < end && ctx.Err() == nil; {
		frames := flow.Frames(num, nil)
		if s.Type() == zmq.Router {
			frames = append([][]byte{[]byte("reader")}, frames...)
		}
		m := msg.New(frames...)
		if s.Type() == zmq.Radio {
			m.SetGroup("g")
		}
		err := s.Send(ctx, m)
		switch {
		case errors.Is(err, zmq.ErrHostUnreachable), errors.Is(err, zmq.ErrAgain): // which a ROUTER says, and the message was not accepted
			time.Sleep(time.Duration(rng.IntN(50)+1) * time.Millisecond)
			continue
		case err != nil:
			if !errors.Is(err, context.Canceled) {
				r.Error(err)
			}
			return num
		}
		num++
		if n < 100 || rng.IntN(3) == 0 {
			time.Sleep(time.Duration(rng.IntN(60)+1) * time.Millisecond)
		}
	}
	return num
}

func onePart(typ zmq.Type) bool {
	switch typ {
	case zmq.Client, zmq.Server, zmq.Scatter, zmq.Gather, zmq.Channel, zmq.Radio:
		return true
	}
	return false
}

// read enters what x gets, until ctx ends.
func (r *bookRun) read(ctx context.Context, x *bookReader) {
	rng := stressRand(r.sim.rng, 40)
	views := map[string]*ztest.View{}
	for {
		m, err := x.s.Recv(ctx)
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				r.Error(err)
			}
			return
		}
		key := m.Peer().RemoteAddr
		if views[key] == nil {
			views[key] = x.ledger.View(nil)
			if r.promise == requeued {
				views[key].AnyOrder()
			}
		}
		frames := m.Frames[r.skip:]
		if flow, num, err := ztest.Open(frames); err == nil && r.mayBeDouble(&m, num) && x.ledger.Has(flow, num) {
			x.doubles++
			continue
		}
		views[key].Take(frames)
		if rng.IntN(10) == 0 {
			time.Sleep(time.Duration(rng.IntN(200)) * time.Millisecond)
		}
	}
}

// mayBeDouble reports whether a message may have come already. Of two copies one is marked,
// and it may be the first one that is received.
func (r *bookRun) mayBeDouble(m *msg.Msg, num uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.Redelivered() {
		r.marked[num] = true
	}
	return r.promise == swapped || r.marked[num]
}

// audit explains what is missing.
func (r *bookRun) audit(before []uint64) {
	r.Helper()
	var lost, counted uint64
	for _, s := range slices.Concat(r.clients, []*zmq.Socket{r.server}) {
		st := s.Stats()
		lost += st.Disconnects
		counted += st.Drops.Total()
		if st.Panics != 0 {
			r.Errorf("%v: %d panics", s.Type(), st.Panics)
		}
	}
	// A connection has taken what its two buffers hold, the messages that were being
	// written, and on both sides of a message the parts of it.
	const least = 29
	explained := lost*uint64(2*r.buffer/least+bookHWM+2) + counted
	for _, x := range r.readers {
		if err := errors.Join(x.ledger.Err(), x.bad); err != nil {
			r.Error(err)
		}
		for i, n := range r.accepted {
			id := uint32(i + 1)
			got := x.ledger.Received(id)
			switch {
			case r.promise == durable:
				if got+x.missed != n {
					r.Errorf("%d published, %d arrived and %d are said to be missing", n, got, x.missed)
				}
			case r.promise == requeued && got != n:
				r.Errorf("%d of %d arrived, %d doubled", got, n, x.doubles)
			case r.promise == dropped && r.server.Type() != zmq.Router && lost > 0 && got <= n:
				// What is published while a subscriber is away is not for it.
			case got > n || n-got > explained:
				r.Errorf("flow %d: %d of %d arrived; %d lost connections and %d drops explain %d", id, got, n, lost, counted, explained)
			}
			for num := before[i]; num < n && r.promise != requeued && !r.handsOver(); num++ {
				if !x.ledger.Has(id, num) && counted == 0 {
					r.Errorf("message %d of flow %d, sent when all was whole again, is missing", num, id)
				}
			}
		}
	}
}
