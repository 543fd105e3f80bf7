package gossip

import (
	"testing"

	"github.com/go-zactor/zactor/gossip/internal/frame"
	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/msg"
)

// FuzzHub gives a node's hub what its ROUTER could: messages of clients under names and
// from addresses of their choice, with empty frames that look like the ROUTER's notice of
// a newcomer, and the notices themselves. A client whose frames look like a notice ends no
// session but its own; every client that the hub knows has one link, and in the end, when
// the ROUTER has said of all that they are gone, none is left.
func FuzzHub(f *testing.F) {
	publish, err := (&frame.Message{Kind: frame.Publish, Key: "k", Value: "v"}).Append(nil)
	if err != nil {
		f.Fatal(err)
	}
	hello, err := (&frame.Message{Kind: frame.Hello}).Append(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{0, 0, 1, 0, 2, 0, 3, 0, 9, 8, 4, 1}, hello)
	f.Add([]byte{0, 0, 1, 1, 0, 8, 3, 0, 3, 8, 4, 3, 5, 3}, publish)
	f.Add([]byte{1, 0, 1, 1, 1, 2, 1, 3, 1, 4, 1, 5, 3, 1, 1, 1}, publish[:len(publish)-1])
	n, err := New(f.Context(), WithMaxPeers(4))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { n.Close() })
	f.Fuzz(func(t *testing.T, orders, text []byte) {
		if len(orders) > 200 {
			return
		}
		names := []string{"a", "b", "c", "d", "e"}
		from := func(name, address string, frames ...[]byte) {
			m := origin.Message(append([][]byte{[]byte(name)}, frames...), &buf.Origin{Peer: &buf.Peer{RemoteAddr: address}})
			n.each("gossip: message of a client", []msg.Msg{m}, n.fromClient, n.expel)
		}
		for ; len(orders) >= 2; orders = orders[2:] {
			name := names[int(orders[1]&7)%len(names)]
			address := []string{"10.0.0.1:1", "10.0.0.1:2", "10.0.0.2:1"}[orders[1]>>3%3]
			switch orders[0] % 6 {
			case 0:
				from(name, address, nil) // the ROUTER's notice, or a frame that looks like it
			case 1:
				from(name, address, text)
			case 2:
				from(name, address, text, text)
			case 3:
				from(name, address, []byte(n.token))
			case 4:
				from(name, address, []byte(n.token[:len(n.token)-1]))
			case 5:
				from(name, address, hello)
			}
			hubIsWhole(t, n)
		}
		for name, c := range n.clients {
			from(name, c.address, []byte(n.token))
		}
		if len(n.clients) != 0 || len(n.names) != 0 {
			t.Fatalf("%d clients and %d names are left", len(n.clients), len(n.names))
		}
		if s := n.Stats(); s.Panics != 0 {
			t.Fatalf("%d panics", s.Panics)
		}
	})
}

// hubIsWhole compares what the hub knows of its clients.
func hubIsWhole(t *testing.T, n *Node) {
	t.Helper()
	linked := 0
	for name, c := range n.clients {
		if c.link != 0 {
			linked++
			if n.names[c.link] != name {
				t.Fatalf("link %d of %q is that of %q", c.link, name, n.names[c.link])
			}
		}
	}
	if linked != len(n.names) || linked > n.config.MaxPeers {
		t.Fatalf("%d clients have links, %d links have names", linked, len(n.names))
	}
}
