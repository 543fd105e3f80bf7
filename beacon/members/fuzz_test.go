package members

import (
	"fmt"
	"net"
	"testing"

	"github.com/hashicorp/memberlist"

	"github.com/go-zactor/zactor/beacon"
)

// FuzzMembers has members come, change and go, with metadata of their own and metadata that
// the fuzzer makes up, as the memberlist tells of them. Whoever has said who it is stands on
// the board as long as one member says so, there are never more than may be, and in the end
// nothing is left.
func FuzzMembers(f *testing.F) {
	good, err := beacon.PeerFormat.Append(nil, beacon.Peer{ID: "bob", Endpoints: []string{"tcp://10.0.0.1:5670"}}, false)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{0, 1, 8, 17, 2, 10}, good)
	f.Add([]byte{0, 0, 0, 1, 2, 3, 16, 24, 18}, good[:len(good)/2])
	m := &Members{known: map[string]place{}, board: beacon.NewPeerTable("members"), notices: beacon.NewNoticeBoard()}
	f.Cleanup(func() { m.board.Close() })
	m.config = &config{most: 3, list: memberlist.DefaultLocalConfig()}
	m.config.list.Name = "me"
	f.Fuzz(func(t *testing.T, orders, odd []byte) {
		d := delegate{m}
		names := []string{"a", "b", "c", "d", "me"}
		for _, o := range orders {
			who := int(o>>3) % len(names)
			n := &memberlist.Node{Name: names[who], Addr: net.IPv4(10, 0, 0, byte(who%3)), Port: 1, Meta: odd}
			if o&4 != 0 {
				n.Meta, _ = beacon.PeerFormat.Append(nil, beacon.Peer{ID: fmt.Sprint("id", o>>6), Endpoints: []string{"tcp://10.0.0.1:1"}}, false)
			}
			switch o & 3 {
			case 0:
				if d.NotifyAlive(n) == nil {
					d.NotifyJoin(n)
				}
			case 1:
				if _, there := m.known[n.Name]; there {
					d.NotifyUpdate(n)
				}
			case 2:
				d.NotifyLeave(n)
			}
			ids := map[shown]bool{}
			for _, s := range m.known {
				if s.id != "" {
					ids[s.shown] = true
				}
			}
			if len(m.known) > m.config.most {
				t.Fatalf("%d members", len(m.known))
			}
			if on := m.board.Len(); on > len(ids) {
				t.Fatalf("%d on the board, %d are said", on, len(ids))
			}
		}
		for _, name := range names {
			d.NotifyLeave(&memberlist.Node{Name: name})
		}
		if len(m.known) != 0 || m.board.Len() != 0 {
			t.Fatalf("%d members and %d peers are left", len(m.known), m.board.Len())
		}
	})
}
