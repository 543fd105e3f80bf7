package zyre

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/shortid"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zyre/internal/node"
)

// This file tells of nodes that are refused, by this one or by the others: else both
// sides of a forgotten certificate see nothing at all.

// A refusal is told once a minute for each node, and of at most so many nodes, since
// anybody can make up UUIDs and keys. All are counted.
const (
	refusalPause = time.Minute
	maxRefusals  = 64
)

// refusals is whom the node has refused, or was refused by, of late. It is guarded by
// the node's lock.
type refusals struct {
	byUs, byPeers uint64
	told          map[string]time.Time
}

// refusal is one to be told.
type refusal struct {
	node.Refused
	byPeer bool
	why    string // and what to do about it
	hint   bool   // only a beacon says so: it counts when it is told
}

// reasons are the texts of what the state machine refuses.
var reasons = [...]string{
	node.InClear:  "it speaks in clear, and this node with CURVE: give it a certificate, or this node none",
	node.WithKey:  "it speaks CURVE, and this node in clear: give this node a certificate (WithCurve)",
	node.OtherKey: "its UUID belongs to another key: a node that gets a new certificate needs a new UUID",
	node.NoPlace:  "there are as many peers as WithMaxPeers allows: raise it",
}

// Refused implements node.Host.
func (h host) Refused(r node.Refused) {
	h.refuse(refusal{Refused: r, why: reasons[r.Why], hint: r.Why == node.InClear || r.Why == node.WithKey || r.Name == ""})
}

// judge takes the authenticator's decisions: the keys that it does not know.
func (n *Node) judge(decisions func(func(auth.Decision) bool)) {
	for d := range decisions {
		if d.Status != denied {
			continue
		}
		r := refusal{why: notTrusted(d.Reason)}
		r.Key = d.User
		if at, err := netip.ParseAddr(d.Address); err == nil {
			r.At = netip.AddrPortFrom(at.Unmap(), 0)
		}
		n.do("zyre: decision", func(time.Time) {
			r.Peer, _ = n.core.Holder(r.Key)
			n.refuse(r)
		})
	}
}

// notTrusted is why a key is refused, and what to do.
func notTrusted(reason string) string {
	return "its key is not trusted here (" + reason + "): add its certificate to those that this node trusts"
}

// denied is the status of a peer that an authenticator does not let in.
const denied = 400

// dialRefused looks whether a dial that failed was refused, and tells that. The caller
// holds mu.
func (n *Node) dialRefused(to node.Target, err error) {
	r := refusal{Refused: node.Refused{Peer: to.Peer, At: to.At, Key: to.Key}}
	switch {
	case errors.Is(err, zmq.ErrAuth):
		r.byPeer, r.why = true, "it does not trust the key of this node, "+shortid.Key(n.config.Key)+": add this node's certificate to those that it trusts"
	case errors.Is(err, zmq.ErrServerKey):
		r.why = "another key answers there than its beacon names: another program has its port, or another pretends to be it"
	default:
		return
	}
	n.refuse(r)
}

// refuse counts a refusal and tells it, if it was not told a moment ago. The caller holds
// mu.
func (n *Node) refuse(r refusal) {
	fresh := n.refused.fresh(r, time.Now())
	if fresh || !r.hint {
		n.refused.count(r.byPeer)
	}
	if !fresh {
		return
	}
	e := Event{Kind: Refused, Peer: ID(r.Peer), Name: r.Name, Key: r.Key, ByPeer: r.byPeer, Err: fmt.Errorf("%w: %s", ErrRefused, r.why)}
	id := logs.NodeRefused
	if e.ByPeer {
		id = logs.RefusedByNode
	}
	if r.At.IsValid() {
		e.Endpoint = "tcp://" + r.At.String()
	}
	fields := []logs.Field{logs.Str("node", n.config.Name), logs.Str("reason", quote(r.why)), logs.Str("endpoint", e.Endpoint)}
	if r.Peer != (node.ID{}) {
		fields = append(fields, logs.Str("peer", shortid.Node(r.Peer)))
	}
	if r.Name != "" {
		fields = append(fields, logs.Str("name", quote(r.Name)))
	}
	if r.Key != "" {
		fields = append(fields, logs.Str("key", shortid.Key(r.Key)))
	}
	n.config.log.Log(id, fields...)
	n.publish(e)
}

func (s *refusals) count(byPeer bool) {
	if byPeer {
		s.byPeers++
	} else {
		s.byUs++
	}
}

// fresh reports whether a refusal is to be told, and takes it as told.
func (s *refusals) fresh(r refusal, now time.Time) bool {
	who := r.Key
	if who == "" {
		who = string(r.Peer[:])
	}
	if r.byPeer {
		who += " has refused us"
	}
	if last, told := s.told[who]; told && now.Sub(last) < refusalPause {
		return false
	}
	if s.told == nil {
		s.told = map[string]time.Time{}
	}
	if len(s.told) >= maxRefusals {
		s.forget(now)
	}
	if len(s.told) >= maxRefusals {
		return false
	}
	s.told[who] = now
	return true
}

func (s *refusals) forget(now time.Time) {
	for who, last := range s.told {
		if now.Sub(last) >= refusalPause {
			delete(s.told, who)
		}
	}
}
