package mdns

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/beacon/mdns/internal/dnssd"
	"github.com/go-zactor/zactor/internal/lifetime"
)

// A Discoverer is the beacon.Discoverer over multicast DNS: peers are instances of one type of
// service, and every Bonjour or avahi sees them. The TXT record has the ID as "id",
// the endpoints as "ep", "ep2", "ep3" and so on, and the values under their keys. Of an
// instance that has no "ep", of another program, the endpoints are tcp at its addresses
// and port; of one that has no "id" the ID is its name.
type Discoverer struct {
	kind    string
	opts    []Option
	board   *beacon.PeerTable
	browser *Browser

	mu        sync.Mutex // held over Announce and Close
	announcer *Announcer // guarded by mu
	service   Service    // guarded by mu; what the announcer has
	closed    bool       // guarded by mu

	fail    context.CancelFunc // ends it, and waits for nothing
	life    *lifetime.Life
	running sync.WaitGroup
}

var _ beacon.Discoverer = (*Discoverer)(nil)

// New begins to browse for a type of service, "_zre._tcp", with the options of Browse
// and Announce. The end of ctx ends it as Close does.
//
// Errors: ErrInvalidOption, ErrInvalidService, or that of opening the port.
func New(ctx context.Context, serviceType string, opts ...Option) (*Discoverer, error) {
	b, err := Browse(context.WithoutCancel(ctx), serviceType, opts...)
	if err != nil {
		return nil, err
	}
	m := &Discoverer{kind: serviceType, opts: opts, board: beacon.NewPeerTable("mdns"), browser: b}
	events := b.Events(context.Background())
	lives, fail := context.WithCancel(ctx)
	m.fail = fail
	b.node.config.tasks.Go(&m.running, "mdns: follow", func() { m.follow(events) }, m.fail)
	m.life = lifetime.New(lives, "mdns", m.end)
	return m, nil
}

// follow posts what the browser finds.
func (m *Discoverer) follow(events iter.Seq[ServiceEvent]) {
	ids := make(map[dnssd.Key]string)
	for e := range events {
		m.browser.node.config.tasks.Step("mdns: service", func() { m.post(ids, e) })
	}
}

func (m *Discoverer) post(ids map[dnssd.Key]string, e ServiceEvent) {
	p := peerOf(e)
	if old, known := ids[e.key]; known && (e.Kind == beacon.Lost || old != p.ID) {
		m.board.Remove(old, e.Interface, netip.Addr{})
		delete(ids, e.key)
	}
	if e.Kind == beacon.Lost {
		return
	}
	ids[e.key] = p.ID
	m.board.Post(p, e.Interface, netip.Addr{})
}

// peerOf reads what serviceOf writes, and what others write.
func peerOf(e ServiceEvent) beacon.Peer {
	p := beacon.Peer{ID: e.Service.Instance, Values: make(map[string]string)}
	endpoints := make(map[int]string)
	for key, value := range e.Service.Text {
		n, isEndpoint := endpointKey(key)
		switch {
		case strings.EqualFold(key, "id") && value != "":
			p.ID = value
		case isEndpoint && value != "":
			endpoints[n] = value
		default:
			p.Values[key] = value
		}
	}
	if len(endpoints) == 0 {
		endpoints[1] = "tcp://*:" + strconv.Itoa(int(e.Service.Port))
	}
	for n := 1; len(endpoints) > 0 && n <= maxEndpoints; n++ {
		each, ok := endpoints[n]
		if !ok {
			continue
		}
		for _, a := range e.Addrs {
			if at := lan.Locate(each, a); !slices.Contains(p.Endpoints, at) {
				p.Endpoints = append(p.Endpoints, at)
			}
		}
	}
	return p
}

const maxEndpoints = 99

// endpointKey knows "ep", which is number 1, and "ep2" to "ep99".
func endpointKey(key string) (int, bool) {
	rest, ok := strings.CutPrefix(strings.ToLower(key), "ep")
	if !ok || len(rest) > 2 {
		return 0, false
	}
	if rest == "" {
		return 1, true
	}
	n, err := strconv.Atoi(rest)
	return n, err == nil && n >= 2
}

// serviceOf writes a peer as a service.
func (m *Discoverer) serviceOf(self beacon.Peer) (Service, error) {
	if err := self.Check(); err != nil {
		return Service{}, err
	}
	s := Service{Instance: shorten(self.ID), Type: m.kind, Port: lan.PortOf(self.Endpoints), Text: map[string]string{"id": self.ID}}
	if len(self.Endpoints) > maxEndpoints {
		return s, fmt.Errorf("%w: %d endpoints: the limit is %d", beacon.ErrTooLarge, len(self.Endpoints), maxEndpoints)
	}
	for i, e := range self.Endpoints {
		key := "ep"
		if i > 0 {
			key += strconv.Itoa(i + 1)
		}
		s.Text[key] = e
	}
	for key, value := range self.Values {
		if _, reserved := endpointKey(key); reserved || strings.EqualFold(key, "id") {
			return s, fmt.Errorf("%w: value %q: the key has a meaning of its own", beacon.ErrInvalidPeer, key)
		}
		s.Text[key] = value
	}
	return s, nil
}

// shorten makes a name for people of an ID that is too long to be one.
func shorten(id string) string {
	id = strings.ToValidUTF8(id, "?")
	if len(id) <= 63 {
		return id
	}
	return strings.ToValidUTF8(id[:63], "")
}

// Source returns "mdns".
func (m *Discoverer) Source() string { return "mdns" }

// Announce announces self as a service, see the function Announce and the type's
// documentation.
func (m *Discoverer) Announce(_ context.Context, self beacon.Peer) error {
	s, err := m.serviceOf(self)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	m.board.Hide(self.ID)
	if err := m.announce(s); errors.Is(err, ErrInvalidService) {
		return fmt.Errorf("%w: %w", beacon.ErrInvalidPeer, err)
	} else if err != nil {
		return err
	}
	m.service = s
	return nil
}

// announce makes the announcer say s. The caller holds mu.
func (m *Discoverer) announce(s Service) error {
	if m.announcer == nil {
		a, err := Announce(context.Background(), s, m.opts...)
		m.announcer = a
		return err
	}
	if err := m.announcer.Update(s); err != nil {
		return err
	}
	if m.service.Instance != s.Instance {
		m.announcer.Remove(m.service.Instance, m.kind)
	}
	return nil
}

// Events returns who is found. See beacon.Discoverer.
func (m *Discoverer) Events(ctx context.Context) iter.Seq[beacon.PeerEvent] {
	return m.board.Events(ctx)
}

// Close sends a goodbye and ends the search.
func (m *Discoverer) Close() error { return m.life.Close() }

// Shutdown is Close for at most as long as ctx.
func (m *Discoverer) Shutdown(ctx context.Context) error { return m.life.Shutdown(ctx) }

// end is what Close does.
func (m *Discoverer) end(context.Context) error {
	defer m.fail()
	m.mu.Lock()
	m.closed = true
	if m.announcer != nil {
		m.announcer.Close()
	}
	m.mu.Unlock()
	m.browser.Close()
	m.running.Wait()
	m.board.Close()
	return nil
}
