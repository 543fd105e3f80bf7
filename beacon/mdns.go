package beacon

import (
	"context"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-zactor/zactor/beacon/internal/dnssd"
)

// An MDNS is the Discoverer over multicast DNS: peers are instances of one type of
// service, and anybody's Bonjour or avahi sees them. The TXT record has the ID as "id",
// the endpoints as "ep", "ep2", "ep3" and so on, and the values under their keys. Of an
// instance that has no "ep", somebody else's, the endpoints are tcp at its addresses
// and port; of one that has no "id" the ID is its name.
type MDNS struct {
	kind   string
	opts   []Option
	board  *Board
	search *search

	mu        sync.Mutex // held over Announce and Close
	announcer *Announcer // guarded by mu
	service   Service    // guarded by mu; what the announcer has
	closed    bool       // guarded by mu

	end     context.CancelFunc
	running sync.WaitGroup
}

var _ Discoverer = (*MDNS)(nil)

// NewMDNS begins to browse for a type of service, "_zre._tcp", with the options of
// Browse and Announce.
func NewMDNS(serviceType string, opts ...Option) (*MDNS, error) {
	s, err := newSearch(serviceType, opts)
	if err != nil {
		return nil, fmt.Errorf("beacon: browse: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	m := &MDNS{kind: serviceType, opts: opts, board: NewBoard("mdns"), search: s, end: cancel}
	s.node.start(func() {})
	m.running.Go(func() { m.watch(ctx) })
	return m, nil
}

// watch posts what the search finds.
func (m *MDNS) watch(ctx context.Context) {
	ids := make(map[dnssd.Key]string)
	for c := range m.search.feed.Watch(ctx) {
		e := eventOf(EventKind(c.Kind), c.Value)
		p := peerOf(e)
		if old, known := ids[c.Key]; known && (e.Kind == Lost || old != p.ID) {
			m.board.Remove(old, e.Interface, netip.Addr{})
			delete(ids, c.Key)
		}
		if e.Kind == Lost {
			continue
		}
		ids[c.Key] = p.ID
		m.board.Post(p, e.Interface, netip.Addr{})
	}
}

// peerOf reads what serviceOf writes, and what others write.
func peerOf(e ServiceEvent) Peer {
	p := Peer{ID: e.Service.Instance, Values: make(map[string]string)}
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
			if at := locate(each, a); !slices.Contains(p.Endpoints, at) {
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
func (m *MDNS) serviceOf(self Peer) (Service, error) {
	if err := self.check(); err != nil {
		return Service{}, err
	}
	s := Service{Instance: shorten(self.ID), Type: m.kind, Port: portOf(self.Endpoints), Text: map[string]string{"id": self.ID}}
	if len(self.Endpoints) > maxEndpoints {
		return s, fmt.Errorf("%w: %d endpoints: the limit is %d", ErrTooLarge, len(self.Endpoints), maxEndpoints)
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
			return s, fmt.Errorf("%w: value %q: the key has a meaning of its own", ErrInvalidService, key)
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
func (m *MDNS) Source() string { return "mdns" }

// Announce announces self as a service, see Announce and the type's documentation.
func (m *MDNS) Announce(_ context.Context, self Peer) error {
	s, err := m.serviceOf(self)
	if err != nil {
		return fmt.Errorf("beacon: announce: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return fmt.Errorf("beacon: announce: %w", ErrClosed)
	}
	m.board.Hide(self.ID)
	if m.announcer == nil {
		a, err := Announce(context.Background(), s, m.opts...)
		if err != nil {
			return err
		}
		m.announcer, m.service = a, s
		return nil
	}
	if err := m.announcer.Update(s); err != nil {
		return err
	}
	if m.service.Instance != s.Instance {
		m.announcer.Remove(m.service.Instance, m.kind)
	}
	m.service = s
	return nil
}

// Peers yields who is found. See Discoverer.
func (m *MDNS) Peers(ctx context.Context) iter.Seq[PeerEvent] { return m.board.Peers(ctx) }

// Close sends a goodbye and ends the search.
func (m *MDNS) Close() error {
	m.mu.Lock()
	m.closed = true
	if m.announcer != nil {
		m.announcer.Close()
	}
	m.mu.Unlock()
	m.end()
	m.running.Wait()
	m.search.node.close()
	m.board.Close()
	return nil
}
