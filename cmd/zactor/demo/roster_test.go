package demo

import (
	"slices"
	"testing"
	"time"
)

// tale feeds events to a roster: "kind node [peer] [id]", where id is of the node
// for starts, and of the peer otherwise.
type tale struct {
	r  *roster
	at time.Duration
}

func newTale(nodes int) *tale { return &tale{r: newRoster(nodes)} }

func (s *tale) starts(node, id string) {
	s.at += time.Millisecond
	s.r.apply(s.at, event{Kind: eventStart, Node: node, ID: id, Detail: "tcp://127.0.0.1:1"})
}

func (s *tale) tell(kind, node, peer, id string) {
	s.at += time.Millisecond
	s.r.apply(s.at, event{Kind: kind, Node: node, Peer: peer, PeerID: id})
}

// meets has everybody know everybody: node-1 with the id 1, and so on.
func (s *tale) meets() {
	ids := map[string]string{}
	for _, name := range s.r.names {
		ids[name] = name[len("node-"):]
		s.starts(name, ids[name])
	}
	for _, a := range s.r.names {
		for _, b := range s.r.names {
			if a != b {
				s.tell(eventEnter, a, b, ids[b])
			}
		}
	}
}

func TestFound(t *testing.T) {
	s := newTale(2)
	s.starts("node-1", "1")
	s.tell(eventEnter, "node-2", "node-1", "1")
	s.tell(eventEnter, "node-1", "node-2", "2") // known before its own report has come
	s.tell(eventEnter, "node-1", "node-1", "1") // itself
	s.tell(eventEnter, "node-1", "stranger", "9")
	s.tell(eventEnter, "stranger", "node-1", "1")
	if s.r.complete() || s.r.links() != 1 || s.r.foundAt != 0 {
		t.Fatalf("%d links before node-2 has started", s.r.links())
	}
	s.starts("node-2", "2")
	if s.r.complete() {
		t.Fatal("who starts knows nobody")
	}
	s.tell(eventEnter, "node-2", "node-1", "1")
	found := s.at
	if !s.r.complete() || s.r.foundAt != found {
		t.Fatalf("%d links, found at %v, want 2 and %v", s.r.links(), s.r.foundAt, found)
	}
	s.tell(eventExit, "node-2", "node-1", "0") // of an earlier life
	if !s.r.complete() {
		t.Error("the exit of a peer's earlier life counts")
	}
	s.tell(eventExit, "node-2", "node-1", "1")
	s.tell(eventEnter, "node-2", "node-1", "1")
	if !s.r.complete() || s.r.foundAt != found {
		t.Error("found again, and not for the first time")
	}
}

func TestDrama(t *testing.T) {
	s := newTale(3) // the victim is node-2
	s.meets()
	s.tell(eventExit, "node-1", "node-2", "2") // before it begins: it has left already for node-1
	s.r.beginDrama()
	d := &s.r.drama
	if d.victim != "node-2" || d.over() || len(d.left) != 1 {
		t.Fatalf("%+v", d)
	}
	s.tell(eventEnter, "node-1", "node-2", "2") // the old one once more is no return
	s.tell(eventExit, "node-3", "node-1", "1")  // another peer
	s.tell(eventEnter, "node-3", "node-2", "5") // it returns before it is seen to leave
	if len(d.left) != 1 || len(d.returned) != 1 {
		t.Fatalf("%+v", d)
	}
	s.tell(eventExit, "node-3", "node-2", "2")
	s.tell(eventExit, "node-1", "node-2", "2")
	if d.over() {
		t.Fatal("over before node-1 has seen it return")
	}
	s.tell(eventEnter, "node-1", "node-2", "5")
	if !d.over() {
		t.Fatalf("%+v", d)
	}
}

func TestTotals(t *testing.T) {
	s := newTale(2)
	s.meets()
	s.r.update(status{Node: "node-1", ID: "1", Counts: counts{Received: 10, Echoes: 3}})
	s.r.update(status{Node: "node-1", ID: "1", Counts: counts{Received: 20, Echoes: 5}})
	s.tell(eventRestart, "node-1", "", "")
	s.starts("node-1", "7")
	s.r.update(status{Node: "node-1", ID: "7", Peers: 1, Counts: counts{Received: 1, Gaps: 2}})
	s.r.update(status{Node: "node-1", ID: "1", Peers: 9, Counts: counts{Received: 25, Echoes: 6}}) // late
	s.r.update(status{Node: "stranger", ID: "8", Counts: counts{Received: 1000}})
	if got, want := s.r.total(), (counts{Received: 26, Echoes: 6, Gaps: 2}); got != want {
		t.Errorf("total %+v, want %+v", got, want)
	}
	if m := s.r.members["node-1"]; m.status.Peers != 1 || m.restarts != 1 || s.r.restarts != 1 {
		t.Errorf("member %+v: the late report of an earlier life was taken for new", m)
	}
}

func TestUnfinished(t *testing.T) {
	s := newTale(2)
	s.meets()
	s.r.update(status{Node: "node-1", ID: "1", Final: true})
	s.r.update(status{Node: "node-2", ID: "2"})
	if got := s.r.unfinished(); !slices.Equal(got, []string{"node-2"}) {
		t.Errorf("unfinished: %q", got)
	}
	s.r.update(status{Node: "node-2", ID: "2", Final: true})
	if !s.r.finished() {
		t.Error("all have sent their final status")
	}
	s.starts("node-1", "7")
	if s.r.finished() {
		t.Error("the new life of node-1 has not")
	}
}

func TestRows(t *testing.T) {
	s := newTale(2)
	s.starts("node-1", "1")
	guest := guestStatus{Name: "python", ID: "ab", Endpoint: "127.0.0.1:2", Link: curve, Messages: 0, RTT: quantiles{1, 2}}
	for second := range 3 {
		guest.Messages = uint64(10 * second)
		s.r.update(status{
			Node: "node-1", ID: "1", Uptime: time.Duration(second) * time.Second, Peers: 1, Link: curve,
			Counts: counts{Received: uint64(100 * second)}, Queue: 3, Drops: 4, Guests: []guestStatus{guest},
		})
	}
	want := []row{
		{Name: "node-1", Endpoint: "tcp://127.0.0.1:1", State: stateUp, Link: curve, Peers: 1, Rate: 100, Queue: 3, Drops: 4},
		{Name: "python", Endpoint: "127.0.0.1:2", State: stateGuest, Link: curve, Peers: 1, Rate: 10, RTT: quantiles{1, 2}},
		{Name: "node-2", State: stateWaiting},
	}
	if got := s.r.rows(); !slices.Equal(got, want) {
		t.Errorf("rows %+v\nwant %+v", got, want)
	}
	s.tell(eventPanic, "node-1", "", "")
	if got := s.r.rows()[0]; got.State != stateDown || got.Peers != 0 || len(s.r.rows()) != 2 {
		t.Errorf("row %+v of a node that is down", got)
	}
}
