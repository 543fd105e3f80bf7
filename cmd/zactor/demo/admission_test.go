package demo

import "testing"

// knocks has the stranger refused, as both sides tell it.
func (s *tale) knocks() {
	s.r.admission.sent = true
	s.r.apply(s.at, event{Kind: eventDeny, Node: strangerName, Peer: "127.0.0.1", Detail: "ZAP 400: why"})
	s.r.apply(s.at, event{Kind: eventRefused, Node: strangerName, Detail: "refused"})
}

func (s *tale) echoes(n uint64) {
	s.r.update(status{Node: "node-1", ID: "1", Guests: []guestStatus{{Name: strangerName, ID: "ab", Messages: n}}})
}

func TestAdmission(t *testing.T) {
	s := newTale(2)
	s.meets()
	a := &s.r.admission
	s.r.apply(s.at, event{Kind: eventDeny, Node: "a stranger", Detail: "ZAP 400: else"})
	if a.host != "node-1" || a.turnedAway() || len(s.r.rows()) != 2 {
		t.Fatalf("%+v before anything has happened", a)
	}
	s.knocks()
	want := row{Name: strangerName, Endpoint: "127.0.0.1", State: stateDenied, Reason: "ZAP 400: why"}
	if rows := s.r.rows(); !a.turnedAway() || len(rows) != 3 || rows[2] != want {
		t.Fatalf("%+v and the rows %+v of who was refused", a, rows)
	}
	s.tell(eventTrusted, strangerName, "", "")
	s.tell(eventJoin, "node-1", strangerName, "ab")
	s.echoes(0)
	if a.over() {
		t.Fatal("over before it has answered")
	}
	s.echoes(3)
	s.echoes(0) // it has come again
	if !a.over() || a.early || a.echoes != 3 || a.refused != 1 {
		t.Fatalf("%+v", a)
	}
	for _, w := range s.r.rows() {
		if w.State == stateDenied {
			t.Errorf("row %+v of who is inside", w)
		}
	}
}

// A stranger that joins without being trusted is what must not happen.
func TestIntrusion(t *testing.T) {
	s := newTale(2)
	s.meets()
	s.knocks()
	s.tell(eventJoin, "node-1", strangerName, "ab")
	s.tell(eventTrusted, strangerName, "", "")
	s.echoes(1)
	if !s.r.admission.early {
		t.Errorf("%+v", s.r.admission)
	}
}

// One link in clear is what the sum of all shows.
func TestLink(t *testing.T) {
	s := newTale(2)
	s.meets()
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""}, {curve, curve, curve}, {"NULL", curve, "NULL"}, {curve, "NULL", "NULL"},
	} {
		s.r.update(status{Node: "node-1", ID: "1", Link: c.a})
		s.r.update(status{Node: "node-2", ID: "2", Link: c.b})
		if got := s.r.link(); got != c.want {
			t.Errorf("%q and %q are %q together, want %q", c.a, c.b, got, c.want)
		}
	}
}
