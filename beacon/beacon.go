package beacon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/lifetime"
	"github.com/go-zactor/zactor/internal/registry"
)

// A Beacon publishes a payload on the local network and hears those of others.
// Its methods may be called from any goroutine.
type Beacon struct {
	listed   registry.Entry
	config   config
	counters counters
	signals  *feed.Queue[Signal]
	limit    *lan.Limiter
	budget   *lan.Limiter // of reading
	notices  *NoticeBoard

	links     linkSet // belongs to the publisher's goroutine
	publisher publisher

	view      atomic.Pointer[lan.View]
	published atomic.Pointer[[]byte] // nil while silent
	prefix    atomic.Pointer[[]byte] // nil while not subscribed

	life    *lifetime.Life
	done    chan struct{} // closed when the end begins
	running sync.WaitGroup
}

// New opens the beacon's port and the interfaces that are there. It fails if an
// option is wrong or the port can't be had; it does not fail for want of a usable
// interface, because one may come later. Nothing is sent before Publish and
// nothing is heard before Subscribe. The end of ctx ends the beacon as Close does.
//
// Errors: ErrInvalidOption, or that of opening the port.
func New(ctx context.Context, opts ...Option) (*Beacon, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	e, err := lan.Listen(c.port, c.casts)
	if err != nil {
		return nil, fmt.Errorf("beacon: listen: %w%s", err, lan.PortHint(err, c.port))
	}
	b := &Beacon{config: c, notices: NewNoticeBoard().Log(c.log, "beacon"), signals: newSignals(c.queue), limit: lan.NewLimiter(c.rate), budget: lan.NewLimiter(readRate(c.rate)), done: make(chan struct{})}
	b.links = linkSet{
		port: c.port, choice: c.choice, casts: c.casts, listeners: e, counters: &b.counters, log: c.log,
		links: make(map[lan.Target]*link), joined: make(lan.Memberships), health: lan.Health{Log: c.log, Means: "beacon", Notices: b.notices},
	}
	b.publisher = publisher{
		commands: make(chan command), done: b.done, lost: make(chan struct{}), rescan: c.rescan,
		say: b.links.sendAll, look: b.look, pace: c.pace, tasks: c.tasks,
	}
	b.view.Store(lan.NewView(c.choice, nil, nil))
	b.look()
	b.start(e)
	b.listed.Enter(registry.Beacon, (*subject)(b))
	b.life = lifetime.New(ctx, "beacon", b.end)
	return b, nil
}

// start starts all goroutines of the beacon. Close ends them and waits.
func (b *Beacon) start(e lan.Listeners) {
	b.config.tasks.Go(&b.running, "beacon: publish", func() {
		b.publisher.run()
		b.links.close()
	}, func() {
		b.publisher.forsake()
		b.links.close()
	})
	for _, one := range e.All() {
		b.config.tasks.Go(&b.running, "beacon: hear", func() { b.hear(one) }, func() { one.Conn.Close() })
	}
}

// look rescans the interfaces. What it returns greets the new ones, so that a
// peer behind an interface that has just been plugged in need not wait for the
// next interval.
func (b *Beacon) look() func(data []byte) {
	v, fresh, err := b.links.rescan()
	if err == nil {
		b.view.Store(v)
	}
	return func(data []byte) {
		for _, l := range fresh {
			b.links.send(l, data)
		}
	}
}

// Publish sends data on every interface in use before it returns, and then at
// every interval, until Silence, Close or another Publish. An interval of 0 is a
// second. The bytes are copied.
//
// An interface that does not take the datagram is no error of Publish: it is
// counted in Stats and tried again at the next interval.
func (b *Beacon) Publish(data []byte, every time.Duration) error {
	if len(data) > b.config.maxSize {
		return fmt.Errorf("%w: publish %d bytes: the limit is %d", ErrTooLarge, len(data), b.config.maxSize)
	}
	if every == 0 {
		every = DefaultInterval
	}
	if every < minInterval {
		return fmt.Errorf("%w: publish interval %v: must be at least %v", ErrInvalidOption, every, minInterval)
	}
	own := append([]byte{}, data...)
	return b.publisher.do(func() {
		b.published.Store(&own)
		b.publisher.publish(own, every)
	})
}

// Silence stops publishing. No datagram leaves after it has returned.
func (b *Beacon) Silence() {
	_ = b.publisher.do(func() { // a closed beacon is silent
		b.published.Store(nil)
		b.publisher.silence()
	})
}

// Subscribe delivers the beacons that start with prefix, in place of what was
// subscribed before. An empty prefix delivers all.
func (b *Beacon) Subscribe(prefix []byte) {
	own := append([]byte{}, prefix...)
	b.prefix.Store(&own)
}

// Unsubscribe delivers nothing any more.
func (b *Beacon) Unsubscribe() { b.prefix.Store(nil) }

// Interfaces returns the names of the interfaces that beacons are sent on.
func (b *Beacon) Interfaces() []string {
	var names []string
	for _, t := range b.view.Load().Links {
		if !slices.Contains(names, t.NIC) {
			names = append(names, t.NIC)
		}
	}
	return names
}

// Addrs returns the addresses that beacons are sent from, which is where peers
// believe this host to be.
func (b *Beacon) Addrs() []netip.Addr {
	var addrs []netip.Addr
	for _, t := range b.view.Load().Links {
		if !slices.Contains(addrs, t.Source) {
			addrs = append(addrs, t.Source)
		}
	}
	return addrs
}

// Hostname returns the first of Addrs, or "" if there is none: what czmq's
// zbeacon answers to CONFIGURE.
func (b *Beacon) Hostname() string {
	if all := b.Addrs(); len(all) > 0 {
		return all[0].String()
	}
	return ""
}

// Close stops publishing and hearing, ends all subscriptions, and waits for the
// beacon's goroutines. Nothing is left to be sent, since Publish returns when its
// datagrams are. It may be called more than once.
func (b *Beacon) Close() error { return b.life.Close() }

// Shutdown is Close for at most as long as ctx.
func (b *Beacon) Shutdown(ctx context.Context) error { return b.life.Shutdown(ctx) }

// end is what Close does.
func (b *Beacon) end(context.Context) error {
	defer b.listed.Leave()
	defer b.config.log.Flush()
	close(b.done)
	for _, e := range b.links.listeners.All() {
		e.Conn.Close()
	}
	b.running.Wait()
	b.signals.Close()
	b.notices.Close()
	return nil
}

// stormPause is how long nothing is read in a storm. What the system's buffer does not
// hold until then, it drops without any cost to us, those who mean us with the others. So
// the pause is short, and begins only where reading itself costs too much: see readRate.
const stormPause = time.Millisecond

// readRate is how many datagrams a second are read when so many are delivered. All but
// those are refused for little, so that whoever floods the port does not drown who speaks
// once a second; a million of them would take most of a processor.
func readRate(delivered int) int {
	if delivered == 0 {
		return 0
	}
	return max(4*delivered, mostReads)
}

const (
	mostReads = 200_000
	batch     = 32 // datagrams that are read at once, where the system can
)

// hear reads one socket until it is closed.
func (b *Beacon) hear(l *lan.Listener) {
	read := l.NewBatch(batch, b.config.maxSize+1)
	var wait time.Duration
	for {
		n, err := read.Read()
		switch {
		case err == nil:
			wait = 0
			if !b.heard(l, read, n) {
				b.counters.pauses.Add(1)
				if !lan.Pause(b.done, stormPause) {
					return
				}
			}
		case errors.Is(err, net.ErrClosed):
			return
		default:
			b.counters.readErrors.Add(1)
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			if !lan.Pause(b.done, wait) {
				return
			}
		}
	}
}

// heard takes what was read, and reports whether more may be read at once.
func (b *Beacon) heard(l *lan.Listener, read *lan.Batch, n int) bool {
	now, more := time.Now(), true
	for i := range n {
		b.config.tasks.Step("beacon: datagram", func() {
			d := read.At(i)
			b.handle(datagram{d.Data, l.Index(d), d.From, now})
		})
		more = b.budget.Allow(now)
	}
	return more
}

// handle decides about one datagram and delivers it, or counts why not.
func (b *Beacon) handle(d datagram) {
	b.counters.received.Add(1)
	name, why := filter{
		maxSize:   b.config.maxSize,
		echo:      b.config.echo,
		view:      b.view.Load(),
		published: b.published.Load(),
		prefix:    b.prefix.Load(),
		limit:     b.limit,
	}.check(d)
	if why != accepted {
		b.counters.dropped[why].Add(1)
		return
	}
	b.counters.accepted.Add(1)
	b.deliver(Signal{From: d.from, Interface: name, Data: d.data, Time: d.time})
}
