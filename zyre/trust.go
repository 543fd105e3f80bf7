package zyre

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/shortid"
	"github.com/go-zactor/zactor/zyre/internal/node"
)

// heard takes a beacon, or what is as good as one. Whose key is not trusted is not
// dialled: our HELLO, with name, headers and groups, is not for strangers.
func (n *Node) heard(where string, from netip.Addr, z beacon.ZRE) {
	key, strange := n.stranger(z)
	n.do(where, func(now time.Time) {
		switch {
		case !strange || z.Leaving():
			n.core.Hear(now, from, z)
		case n.core.Distrust(z):
			n.refuse(refusal{
				Refused: node.Refused{Peer: z.UUID, At: netip.AddrPortFrom(from.Unmap(), z.Port), Key: key},
				why:     notTrusted(fmt.Sprintf("key %s is not known in domain %q", shortid.Key(key), zapDomain)), hint: true,
			})
		}
	})
}

// stranger reports whether a beacon has a key that the store does not have. The store is
// the program's: it is asked with nothing locked.
func (n *Node) stranger(z beacon.ZRE) (key string, strange bool) {
	if n.config.trusted == nil || z.Version != beacon.ZRE3 {
		return "", false
	}
	key, err := cert.EncodeZ85(z.PublicKey[:])
	if err != nil {
		return "", true
	}
	known := false
	n.tasks.Hook("zyre: store", func() { _, known = n.config.trusted.Lookup(key) })
	return key, !known
}

// followStore ends the peers whose keys a store withdraws, in both directions: the
// authenticator ends only what they have connected themselves.
func (n *Node) followStore() {
	s, ok := n.config.trusted.(interface {
		OnChange(func(cert.Change)) (stop func())
	})
	if !ok {
		return
	}
	n.release = append(n.release, s.OnChange(func(c cert.Change) {
		n.do("zyre: change of the store", func(now time.Time) {
			for _, key := range c.Removed {
				n.core.Revoke(now, key)
			}
		})
	}))
}
