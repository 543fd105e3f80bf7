package members

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"iter"
	"log"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/lifetime"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/registry"
)

// MaxMeta is how many bytes of a peer a member can carry.
const MaxMeta = memberlist.MetaMaxSize

// updates is how often Announce tries to give memberlist what the member carries. That eight
// suspicions in a row come within the microsecond that counts is unlikely; if they do, the
// exchanges go on trying.
const updates = 8

// Members is one member, and what it knows of the others. Its methods may be called
// from any goroutine.
type Members struct {
	listed registry.Entry
	config *config
	list   *memberlist.Memberlist
	board  *beacon.PeerTable
	meta   atomic.Pointer[[]byte] // what the member carries
	where  netip.AddrPort

	malformed atomic.Uint64
	refused   atomic.Uint64
	strangers atomic.Uint64
	traffic   traffic
	trouble   atomic.Pointer[error] // of the last attempt to join
	notices   *beacon.NoticeBoard

	mu      sync.Mutex
	known   map[string]place // guarded by mu; the others by name
	carried []byte           // guarded by mu; the metadata that memberlist gives others
	pace    pace             // guarded by mu
	round   []string         // guarded by mu; names with whom to exchange next
	pending chan struct{}    // wakes exchanges

	updating sync.Mutex // held around UpdateNode, of which memberlist can bear one at a time

	state  sync.RWMutex // held for writing while the end begins
	closed bool         // guarded by state

	life    *lifetime.Life
	cancel  context.CancelFunc
	tasks   contain.Guard
	running sync.WaitGroup
}

// shown is where a member's peer stands on the board; id is "" if it has announced
// none.
type shown struct {
	id   string
	from netip.Addr
}

// place is that, and the port where the member is reached.
type place struct {
	shown
	port uint16
}

var _ beacon.Discoverer = (*Members)(nil)

// New starts a member, which announces nothing yet, and begins to look for others. The
// end of ctx ends it as Close does.
//
// Errors: ErrInvalidOption, or that of opening the ports.
func New(ctx context.Context, opts ...Option) (*Members, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	m := &Members{config: c, board: beacon.NewPeerTable("members"), known: map[string]place{}, notices: beacon.NewNoticeBoard().Log(c.log, "members"), pending: make(chan struct{}, 1)}
	m.pace = paceOf(c.list.GossipInterval, c.list.PushPullInterval)
	m.meta.Store(new([]byte))
	m.tasks.Report = func(p *contain.Panic) {
		c.log.Limited(logs.Contained, p.Where, logs.Err(p), logs.Str("stack", string(p.Stack)))
	}
	if err := m.create(); err != nil {
		return nil, fmt.Errorf("members: %w", err)
	}
	m.listed.Enter(registry.Members, (*subject)(m))
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	m.cancel = cancel
	m.tasks.Go(&m.running, "members: exchanges", func() { m.exchanges(working) }, nil)
	if len(c.seeds) > 0 {
		m.tasks.Go(&m.running, "members: join", func() { m.join(working) }, nil)
	}
	m.life = lifetime.New(ctx, "members", m.end)
	return m, nil
}

// create starts memberlist.
func (m *Members) create() error {
	l := m.config.list
	l.Name = rand.Text() // a name of its own for each life: what it announces may change
	l.Logger = log.New(logWriter{m}, "", 0)
	d := delegate{m}
	l.Delegate, l.Events, l.Alive = d, d, d
	t, err := newTransport(m.config, &m.tasks, &m.traffic)
	if err != nil {
		return err
	}
	l.Transport = t
	if m.list, err = memberlist.Create(l); err != nil {
		_ = t.Shutdown()
		return err
	}
	self := m.list.LocalNode()
	m.where = netip.AddrPortFrom(addrOf(self), self.Port)
	return nil
}

// join asks the seeds while no other member is known.
func (m *Members) join(ctx context.Context) {
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		m.tasks.Step("members: ask the seeds", func() { m.ask(ctx) })
		t.Reset(m.config.rejoin)
	}
}

func (m *Members) ask(ctx context.Context) {
	if m.list.NumMembers() > 1 {
		m.answered()
		return
	}
	if _, err := m.list.Join(m.config.seeds); err != nil && ctx.Err() == nil {
		m.unanswered(err)
	} else {
		m.answered()
	}
}

// Endpoint is the address that others can have as a seed.
func (m *Members) Endpoint() string { return m.where.String() }

// Source returns "members".
func (m *Members) Source() string { return "members" }

// Announce makes self known to all members. See beacon.Discoverer: "*" as an
// endpoint's host stands for the member's address.
func (m *Members) Announce(_ context.Context, self beacon.Peer) error {
	meta, err := beacon.PeerFormat.Append(nil, self, false)
	if err != nil {
		return err
	}
	if len(meta) > MaxMeta {
		return fmt.Errorf("%w: peer %.40q takes %d bytes: a member carries at most %d", beacon.ErrTooLarge, self.ID, len(meta), MaxMeta)
	}
	m.state.RLock()
	defer m.state.RUnlock()
	if m.closed {
		return ErrClosed
	}
	m.board.Hide(self.ID)
	m.meta.Store(&meta)
	m.update()
	m.news(true)
	return nil
}

// update gives memberlist what the member carries. An attempt comes to nothing when
// memberlist refutes a suspicion meanwhile.
func (m *Members) update() {
	m.updating.Lock()
	defer m.updating.Unlock()
	for range updates {
		// The only error is that no member has been told within the time: they will be.
		_ = m.list.UpdateNode(time.Nanosecond)
		if m.isCarried() {
			return
		}
	}
}

// isCarried says whether others are told what was announced last.
func (m *Members) isCarried() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Equal(m.carried, *m.meta.Load())
}

// insist goes on with update where it gave up.
func (m *Members) insist() {
	m.state.RLock()
	defer m.state.RUnlock()
	if !m.closed && !m.isCarried() {
		m.update()
	}
}

// Events returns who is found, and who is lost. See beacon.Discoverer.
func (m *Members) Events(ctx context.Context) iter.Seq[beacon.PeerEvent] { return m.board.Events(ctx) }

// Chan is Events as a channel, for use in a select: see beacon.Beacon.Chan.
func (m *Members) Chan(ctx context.Context) <-chan beacon.PeerEvent { return m.board.Chan(ctx) }

// Close tells the others that the member leaves, for at most a second, and ends all
// that belongs to it; a probe of memberlist's that is under way ends within its time.
// It may be called more than once.
func (m *Members) Close() error { return m.life.Close() }

// Shutdown is Close with ctx in place of the second.
func (m *Members) Shutdown(ctx context.Context) error { return m.life.Shutdown(ctx) }

// end is what Close does.
func (m *Members) end(ctx context.Context) error {
	defer m.listed.Leave()
	defer m.config.log.Flush()
	m.state.Lock()
	m.closed = true
	m.state.Unlock()
	m.cancel()
	farewell := m.config.farewell
	if end, ok := ctx.Deadline(); ok {
		farewell = max(time.Until(end), time.Nanosecond)
	}
	_ = m.list.Leave(farewell) // that no member was there to hear it is no error
	err := m.list.Shutdown()
	m.running.Wait()
	m.board.Close()
	m.notices.Close()
	return err
}

func addrOf(n *memberlist.Node) netip.Addr {
	a, _ := netip.AddrFromSlice(n.Addr)
	return a.Unmap()
}

// delegate is what memberlist calls. Its methods must not block.
type delegate struct{ m *Members }

// NodeMeta implements memberlist.Delegate.
func (d delegate) NodeMeta(int) []byte { return *d.m.meta.Load() }

// NotifyMsg, GetBroadcasts, LocalState and MergeRemoteState implement
// memberlist.Delegate: nothing but the metadata is carried.
func (d delegate) NotifyMsg([]byte)                {}
func (d delegate) GetBroadcasts(int, int) [][]byte { return nil }
func (d delegate) LocalState(bool) []byte          { return nil }
func (d delegate) MergeRemoteState([]byte, bool)   {}

// NotifyAlive implements memberlist.AliveDelegate: an error refuses a member.
func (d delegate) NotifyAlive(n *memberlist.Node) error {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	if _, known := d.m.known[n.Name]; known || n.Name == d.m.config.list.Name || len(d.m.known) < d.m.config.most {
		return nil
	}
	d.m.refused.Add(1)
	at := net.JoinHostPort(n.Addr.String(), strconv.Itoa(int(n.Port)))
	err := fmt.Errorf("member %.40q at %s: %d are the most", n.Name, at, d.m.config.most)
	d.m.notices.Refused(at, fmt.Errorf("%w: %d members are the most: raise WithMaxPeers", ErrRefused, d.m.config.most))
	d.m.config.log.Limited(logs.MemberRefused, "", logs.Err(err))
	return err
}

// NotifyJoin implements memberlist.EventDelegate.
func (d delegate) NotifyJoin(n *memberlist.Node) {
	d.m.tasks.Step("members: join of a member", func() {
		d.m.show(n)
		if n.Name != d.m.config.list.Name {
			d.m.answered()
		}
	})
	d.m.heard(n)
}

// NotifyUpdate implements memberlist.EventDelegate.
func (d delegate) NotifyUpdate(n *memberlist.Node) {
	d.m.tasks.Step("members: news of a member", func() { d.m.show(n) })
	d.m.heard(n)
}

// NotifyLeave implements memberlist.EventDelegate.
func (d delegate) NotifyLeave(n *memberlist.Node) {
	d.m.tasks.Step("members: end of a member", func() { d.m.left(n) })
	d.m.heard(n)
}

// heard remembers what is said of this member, and has what is said of others go on.
func (m *Members) heard(n *memberlist.Node) {
	if n.Name != m.config.list.Name {
		m.news(false)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.carried = bytes.Clone(n.Meta)
}

func (m *Members) left(n *memberlist.Node) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hide(m.known[n.Name].shown, n.Name)
	delete(m.known, n.Name)
}

// show puts what a member says on the board.
func (m *Members) show(n *memberlist.Node) {
	if n.Name == m.config.list.Name {
		return
	}
	p := beacon.Peer{}
	at := addrOf(n)
	if len(n.Meta) > 0 {
		var err error
		if p, _, err = beacon.PeerFormat.Parse(n.Meta, at); err != nil {
			m.malformed.Add(1)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	contain.Probe("members: member with the lock held")
	now := shown{p.ID, at}
	if old := m.known[n.Name].shown; old != now {
		m.hide(old, n.Name)
	}
	m.known[n.Name] = place{now, n.Port}
	if p.ID != "" {
		m.board.Post(p, "", at)
	}
}

// hide takes a member's peer off the board, unless another member is the same: one
// that has begun a new life before the old one was found dead. The caller holds mu.
func (m *Members) hide(s shown, name string) {
	for other, o := range m.known {
		if other != name && o.shown == s {
			return
		}
	}
	if s.id != "" {
		m.board.Remove(s.id, "", s.from)
	}
}
