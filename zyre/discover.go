package zyre

import (
	"context"
	"encoding/hex"
	"iter"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/zyre/internal/node"
)

// keyValue is where a node's public key stands in what a Discoverer announces, in
// hexadecimal, as beacon.ZREFormat has it.
const keyValue = "public-key"

// WithDiscoverer finds peers by these ways, too, beside the beacon: mDNS, a list, or one
// of your own. The node announces its UUID as ID, its endpoint, and with CURVE its key
// as the value "public-key", in hexadecimal; it believes what it is told no more than it believes a beacon. The
// Discoverers stay the caller's, who closes them after the node has stopped.
func WithDiscoverer(ways ...beacon.Discoverer) Option {
	return func(c *config) error {
		c.ways = append(c.ways, ways...)
		return nil
	}
}

// WithoutBeacon neither sends beacons nor hears them: peers come by WithDiscoverer
// alone, or are those that find this node.
func WithoutBeacon(on bool) Option {
	return func(c *config) error {
		c.silent = on
		return nil
	}
}

// discover announces the node in all ways, and follows what they find.
func (n *Node) discover() error {
	self := beacon.Peer{ID: n.id.String(), Endpoints: []string{n.announced()}}
	if key, err := cert.DecodeZ85(n.config.Key); err == nil && len(key) > 0 {
		self.Values = map[string]string{keyValue: hex.EncodeToString(key)}
	}
	for _, way := range n.config.ways {
		var found iter.Seq[beacon.PeerEvent]
		err := contain.Try("discoverer", func() (err error) {
			err = way.Announce(n.loops, self)
			found = way.Events(n.loops)
			return err
		})
		if err != nil {
			return err
		}
		n.tasks.Go(&n.running, "zyre: discoverer", func() {
			for e := range found {
				n.tasks.Step("zyre: news", func() { n.news(e) })
			}
		}, nil) // the other ways are left
	}
	if len(n.config.ways) > 0 {
		n.tasks.Go(&n.running, "zyre: remind", n.remind, n.fail)
	}
	return nil
}

// news keeps what a Discoverer says, which says it but once.
func (n *Node) news(e beacon.PeerEvent) {
	n.keep(e)
	n.learn(e)
}

func (n *Node) keep(e beacon.PeerEvent) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if e.Kind == beacon.Lost || e.Kind == beacon.Failed {
		delete(n.told, e.Peer.ID)
	} else if len(n.told) < n.config.MaxPeers {
		n.told[e.Peer.ID] = e
	}
}

// remind repeats what Discoverers have said at the pace of a beacon, so that a peer
// that was lost is found again.
func (n *Node) remind() {
	tick := time.NewTicker(n.config.interval)
	defer tick.Stop()
	for {
		select {
		case <-n.loops.Done():
			return
		case <-tick.C:
		}
		n.mu.Lock()
		all := slices.Collect(maps.Values(n.told))
		n.mu.Unlock()
		for _, e := range all {
			n.tasks.Step("zyre: reminder", func() { n.learn(e) })
		}
	}
}

// announced is the endpoint that peers are told; each puts the address at which it has
// heard of the node in the place of "*".
func (n *Node) announced() string {
	if n.listens.Addr().IsUnspecified() {
		return "tcp://*:" + strconv.Itoa(int(n.listens.Port()))
	}
	return "tcp://" + n.listens.String()
}

// learn takes news of a peer as if it were a beacon of it.
func (n *Node) learn(e beacon.PeerEvent) {
	id, ok := node.ParseID(e.Peer.ID)
	if !ok {
		return
	}
	z := beacon.ZRE{Version: beacon.ZRE1, UUID: id}
	if key, err := hex.DecodeString(e.Peer.Values[keyValue]); err == nil && len(key) == len(z.PublicKey) {
		z.Version, z.PublicKey = beacon.ZRE3, [32]byte(key)
	}
	for _, text := range e.Peer.Endpoints {
		host, port, ok := splitEndpoint(text)
		if !ok {
			continue
		}
		if e.Kind != beacon.Lost {
			z.Port = port
		}
		if addr, err := netip.ParseAddr(host); err == nil {
			n.heard("zyre: peer of a discoverer", addr, z)
		} else {
			n.resolve(host, z)
		}
		return
	}
}

// splitEndpoint takes "tcp://host:port" apart. The host is an address or a name.
func splitEndpoint(text string) (host string, port uint16, ok bool) {
	host, number, err := net.SplitHostPort(strings.TrimPrefix(text, "tcp://"))
	p, numErr := strconv.ParseUint(number, 10, 16)
	return host, uint16(p), err == nil && numErr == nil && host != "" && host != "*"
}

const (
	maxLookups  = 16 // names that are looked up at the same time
	lookupLimit = 5 * time.Second
)

// resolve is for a peer that says its host's name, as zyre in C does in gossip: it is
// heard of at that host's address. What fails is tried again with the next reminder.
func (n *Node) resolve(host string, z beacon.ZRE) {
	if !n.begins(host) {
		return
	}
	n.tasks.Go(&n.running, "zyre: look up", func() {
		defer n.resolved(host)
		ctx, cancel := context.WithTimeout(n.loops, lookupLimit)
		defer cancel()
		addrs, err := n.config.lookup(ctx, "ip", host)
		if err != nil {
			n.config.log.Debug("zyre: host not found", logs.Str("host", quote(host)), logs.Err(err))
			return
		}
		for _, a := range addrs {
			if a = a.Unmap(); a.Is4() || n.config.ipv6 {
				n.heard("zyre: peer of a discoverer", a, z)
				return
			}
		}
	}, nil)
}

// begins reports whether a name is to be looked up now: not twice at the same time.
func (n *Node) begins(host string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || n.lookups[host] || len(n.lookups) >= maxLookups {
		return false
	}
	n.lookups[host] = true
	return true
}

func (n *Node) resolved(host string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.lookups, host)
}
