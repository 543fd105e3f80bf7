package beacon

import (
	"context"
	"fmt"
	"iter"
	"net/netip"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/lifetime"
	"github.com/go-zactor/zactor/internal/logs"
)

// A UDP is the Discoverer over UDP beacons: a peer is found with its first beacon, and
// lost with its goodbye or when it has been silent for WithExpiry.
type UDP struct {
	beacon *Beacon
	format Format
	config config
	board  *PeerTable
	track  tracker // belongs to the goroutine of hear

	mu   sync.Mutex // held over Announce and Close, so that a goodbye is the last word
	self *Peer      // guarded by mu

	fail    context.CancelFunc // ends it, and waits for nothing
	deafen  context.CancelFunc // ends the reading of signals, should hear have been lost
	life    *lifetime.Life
	running sync.WaitGroup
}

var _ Discoverer = (*UDP)(nil)

// NewUDP opens a beacon as New does, with the same options, and WithInterval,
// WithExpiry and WithMaxPeers. A nil format is PeerFormat; ZREFormat finds the nodes
// of zyre. The end of ctx ends it as Close does. A format that panics on a beacon loses
// that beacon, on the way out it reaches Announce's caller.
func NewUDP(ctx context.Context, format Format, opts ...Option) (*UDP, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	b, err := New(context.WithoutCancel(ctx), opts...) // the goodbye comes after the end of ctx
	if err != nil {
		return nil, err
	}
	if format == nil {
		format = PeerFormat
	}
	u := &UDP{beacon: b, format: format, config: c, board: NewPeerTable("udp")}
	u.track = tracker{board: u.board, expiry: c.expiry, limit: c.limit, seen: make(map[spot]time.Time)}
	if err := contain.Call("prefix of the format", func() { b.Subscribe(u.format.Prefix()) }); err != nil {
		b.Close()
		return nil, fmt.Errorf("beacon: %w", err)
	}
	hearing, deafen := context.WithCancel(context.Background())
	u.deafen = deafen
	signals := b.Chan(hearing)
	lives, fail := context.WithCancel(ctx)
	u.fail = fail
	u.config.tasks = b.config.tasks // and its figures
	u.config.tasks.Go(&u.running, "beacon: follow", func() { u.hear(signals) }, u.fail)
	u.life = lifetime.New(lives, "beacon", u.end)
	return u, nil
}

// Source returns "udp".
func (u *UDP) Source() string { return "udp" }

// Announce begins to publish self at every WithInterval. It returns an error wrapping
// ErrTooLarge if self does not fit into WithMaxSize bytes, which are 255.
func (u *UDP) Announce(_ context.Context, self Peer) error {
	payload, err := u.format.Append(nil, self, false)
	if err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.board.Hide(self.ID)
	if u.self != nil && u.self.ID != self.ID {
		u.farewell()
	}
	own := self.Clone()
	u.self = &own
	return u.beacon.Publish(payload, u.config.interval)
}

// farewell sends one goodbye. The caller holds mu.
func (u *UDP) farewell() {
	if u.self == nil {
		return
	}
	if payload, err := u.format.Append(nil, *u.self, true); err == nil {
		_ = u.beacon.Publish(payload, time.Hour) // at once, on every interface; a closed beacon says nothing more
		u.beacon.Silence()
	}
	u.self = nil
}

// Events returns who is heard. See Discoverer.
func (u *UDP) Events(ctx context.Context) iter.Seq[PeerEvent] { return u.board.Events(ctx) }

// Stats returns the counters of the beacon.
func (u *UDP) Stats() Stats { return u.beacon.Stats() }

// Close sends a goodbye and closes the beacon.
func (u *UDP) Close() error { return u.life.Close() }

// Shutdown is Close for at most as long as ctx.
func (u *UDP) Shutdown(ctx context.Context) error { return u.life.Shutdown(ctx) }

// end is what Close does.
func (u *UDP) end(context.Context) error {
	defer u.fail()
	u.config.tasks.Hook("beacon: farewell", func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.farewell()
	})
	u.beacon.Close()
	u.running.Wait()
	u.deafen()
	u.board.Close()
	return nil
}

// hear reads beacons until the beacon is closed, and looks now and then who has fallen
// silent.
func (u *UDP) hear(signals <-chan Signal) {
	sweep := time.NewTicker(max(u.config.expiry/4, minInterval))
	defer sweep.Stop()
	for {
		select {
		case s, ok := <-signals:
			if !ok {
				return
			}
			if s.Missing == 0 { // what is missing is repeated
				u.config.tasks.Hook("beacon: format", func() { u.take(s) })
			}
		case <-sweep.C:
			u.config.tasks.Step("beacon: sweep", func() { u.track.sweep(time.Now()) })
		}
	}
}

func (u *UDP) take(s Signal) {
	p, leaving, err := u.format.Parse(s.Data, s.From.Addr())
	switch {
	case err != nil:
		u.config.log.Debug("beacon ignored", logs.Err(err), logs.Stringer("from", s.From))
	case leaving:
		u.track.leave(p.ID, s.Interface, s.From.Addr())
	default:
		u.track.hear(p, s)
	}
}

// A tracker remembers when peers were heard. What it knows is bounded, and time comes
// from outside.
type tracker struct {
	board  *PeerTable
	expiry time.Duration
	limit  int
	seen   map[spot]time.Time
}

// A spot is a peer on an interface, as heard from an address.
type spot struct {
	id, nic string
	from    netip.Addr
}

func (t *tracker) hear(p Peer, s Signal) {
	at := spot{p.ID, s.Interface, s.From.Addr()}
	if _, known := t.seen[at]; !known && len(t.seen) >= t.limit {
		return
	}
	t.seen[at] = s.Time
	t.board.Post(p, at.nic, at.from)
}

func (t *tracker) leave(id, nic string, from netip.Addr) {
	delete(t.seen, spot{id, nic, from})
	t.board.Remove(id, nic, from)
}

func (t *tracker) sweep(now time.Time) {
	for at, last := range t.seen {
		if now.Sub(last) >= t.expiry {
			t.leave(at.id, at.nic, at.from)
		}
	}
}
