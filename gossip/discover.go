package gossip

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/contain"
)

// publicKey is the name under which packages beacon and zyre have a CURVE key, in
// hexadecimal.
const publicKey = "public-key"

// Discoverer finds peers by gossip: each is a tuple whose key is the prefix and its
// ID. Make one with Node.Discoverer.
//
// The value of a peer that has one endpoint and nothing else is that endpoint, and
// with the value "public-key" the endpoint, "|" and the key in Z85: so zyre in C says
// it, with its UUID as key and no prefix. All others are a JSON object of "endpoints"
// and "values".
type Discoverer struct {
	node   *Node
	prefix string
	ttl    time.Duration
	board  *beacon.PeerTable
	ctx    context.Context
	end    context.CancelFunc

	mu      sync.Mutex
	key     string // guarded by mu; what was announced
	value   string // guarded by mu
	closed  bool   // guarded by mu
	running sync.WaitGroup
}

var _ beacon.Discoverer = (*Discoverer)(nil)

// Discoverer makes a beacon.Discoverer of the node's tuples with a prefix. What it
// announces lives for ttl, and is renewed three times in that; with ttl 0 it lives
// until Close, or for ever if the program crashes. The node stays the caller's.
func (n *Node) Discoverer(prefix string, ttl time.Duration) *Discoverer {
	d := &Discoverer{node: n, prefix: prefix, ttl: ttl, board: beacon.NewPeerTable("gossip")}
	d.ctx, d.end = context.WithCancel(n.ctx)
	n.guard.Go(&d.running, "gossip: follow for a discoverer", d.follow, d.abandon)
	if ttl > 0 {
		n.guard.Go(&d.running, "gossip: renew", d.renew, d.abandon)
	}
	return d
}

// Source returns "gossip".
func (d *Discoverer) Source() string { return "gossip" }

// Announce publishes self. See beacon.Discoverer; the host of an endpoint can't be
// "*", because gossip does not say where a tuple has come from.
func (d *Discoverer) Announce(_ context.Context, self beacon.Peer) error {
	value, err := valueOf(self)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return fmt.Errorf("gossip: announce: %w", beacon.ErrClosed)
	}
	key := d.prefix + self.ID
	d.board.Hide(self.ID)
	switch err := d.node.Publish(key, value, d.ttl); {
	case err != nil && len(value) > d.node.config.MaxValue:
		return fmt.Errorf("%w: %w", beacon.ErrTooLarge, err)
	case err != nil:
		return fmt.Errorf("%w: %w", beacon.ErrInvalidPeer, err)
	}
	if d.key != "" && d.key != key {
		_ = d.node.Delete(d.key)
	}
	d.key, d.value = key, value
	return nil
}

// Events returns who is found. See beacon.Discoverer.
func (d *Discoverer) Events(ctx context.Context) iter.Seq[beacon.PeerEvent] {
	return d.board.Events(ctx)
}

// Close deletes what was announced. The node goes on.
func (d *Discoverer) Close() error {
	d.mu.Lock()
	if !d.closed && d.key != "" {
		_ = d.node.Delete(d.key)
	}
	d.closed = true
	d.mu.Unlock()
	d.end()
	d.running.Wait()
	d.board.Close()
	return nil
}

// follow posts what the node hears.
func (d *Discoverer) follow() {
	for e := range d.node.Events(d.ctx) {
		d.node.guard.Step("gossip: peer of a discoverer", func() { d.post(e) })
	}
}

func (d *Discoverer) post(e Event) {
	id, ours := strings.CutPrefix(e.Key, d.prefix)
	if !ours || id == "" {
		return
	}
	p, ok := peerOf(id, e.Value)
	if e.Kind == Lost || !ok {
		d.board.Remove(id, "", netip.Addr{})
		return
	}
	d.board.Post(p, "", netip.Addr{})
}

// abandon ends a Discoverer that lacks a goroutine, and with it its readers' loops. Close
// is still to be called.
func (d *Discoverer) abandon() {
	d.end()
	d.board.Close()
}

// renew publishes anew what lives for a while only.
func (d *Discoverer) renew() {
	t := time.NewTicker(max(d.ttl/3, time.Millisecond))
	defer t.Stop()
	for {
		select {
		case <-d.ctx.Done():
			return
		case <-t.C:
		}
		d.node.guard.Step("gossip: renewal", d.again)
	}
}

// again publishes what was announced.
func (d *Discoverer) again() {
	d.mu.Lock()
	defer d.mu.Unlock()
	contain.Probe("gossip: renewal with the lock held")
	if d.key != "" && !d.closed {
		_ = d.node.Publish(d.key, d.value, d.ttl)
	}
}

// said is a peer in JSON.
type said struct {
	Endpoints []string          `json:"endpoints,omitempty"`
	Values    map[string]string `json:"values,omitempty"`
}

// valueOf writes a peer as a value.
func valueOf(p beacon.Peer) (string, error) {
	if p.ID == "" {
		return "", fmt.Errorf("%w: peer without an ID: must have one", beacon.ErrInvalidPeer)
	}
	for _, e := range p.Endpoints {
		if _, host, ok := strings.Cut(e, "://"); !ok || strings.HasPrefix(host, "*") {
			return "", fmt.Errorf("%w: endpoint %.40q: must have a transport and an address", beacon.ErrInvalidPeer, e)
		}
	}
	if len(p.Endpoints) == 1 && !strings.Contains(p.Endpoints[0], "|") {
		key, hasKey := p.Values[publicKey]
		switch raw, err := hex.DecodeString(key); {
		case len(p.Values) == 0:
			return p.Endpoints[0], nil
		case hasKey && len(p.Values) == 1 && err == nil && len(raw) == 32:
			text, err := cert.EncodeZ85(raw)
			return p.Endpoints[0] + "|" + text, err
		}
	}
	b, err := json.Marshal(said{p.Endpoints, p.Values})
	return string(b), err
}

// peerOf reads a value.
func peerOf(id, value string) (beacon.Peer, bool) {
	p := beacon.Peer{ID: id, Values: map[string]string{}}
	if strings.HasPrefix(value, "{") {
		var s said
		if json.Unmarshal([]byte(value), &s) != nil {
			return p, false
		}
		p.Endpoints = s.Endpoints
		if s.Values != nil {
			p.Values = s.Values
		}
		return p, true
	}
	endpoint, key, secure := strings.Cut(value, "|")
	if raw, err := cert.DecodeZ85(key); secure && err == nil && len(raw) == 32 {
		p.Values[publicKey] = hex.EncodeToString(raw)
	}
	p.Endpoints = []string{endpoint}
	return p, strings.Contains(endpoint, "://")
}
