package budget

import (
	"math/rand/v2"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func one(n int) Amount { return Amount{n, n} }

// fill takes single places for s until it gets none, pushing out whom it may, and says
// how many it got.
func fill(s *Share[string]) (got int) {
	for {
		for s.Full(one(1)) != nil {
			v := s.Victim(one(1))
			if v == nil {
				return got
			}
			v.Give(one(1))
		}
		s.Take(one(1))
		got++
	}
}

// tree is a whole of 100 places: 10 for one's own only, two addresses of two peers.
func tree() (whole, own, others, left *Share[string], peers [4]*Share[string]) {
	whole = New[string](one(100))
	own = whole.Sub(one(100), Never)
	others = whole.Sub(one(90), Fair)
	left = others.Sub(one(90), First)
	for i := range 2 {
		address := others.Sub(one(70), Fair)
		for k := range 2 {
			peers[2*i+k] = address.Sub(one(50), Fair)
		}
	}
	return
}

func TestShares(t *testing.T) {
	whole, own, others, left, p := tree()
	for _, c := range []struct {
		name string
		who  *Share[string]
		want [6]int // held after it: own, the peers, left
	}{
		{"a peer", p[0], [6]int{0, 50, 0, 0, 0, 0}},
		{"another one of that address", p[1], [6]int{0, 35, 35, 0, 0, 0}},
		{"one of another address", p[2], [6]int{0, 23, 22, 45, 0, 0}},
		{"and its neighbour", p[3], [6]int{0, 23, 22, 22, 23, 0}},
		{"oneself", own, [6]int{100, 0, 0, 0, 0, 0}},
	} {
		fill(c.who)
		got := [6]int{own.Used().Places, p[0].Used().Places, p[1].Used().Places, p[2].Used().Places, p[3].Used().Places, left.Used().Places}
		for i := range got {
			if d := got[i] - c.want[i]; d < -1 || d > 1 {
				t.Errorf("%s: held are %v, want %v give or take one", c.name, got, c.want)
				break
			}
		}
		if u := whole.Used(); u.Places > 100 || u.Bytes > 100 || others.Used().Places > 90 {
			t.Errorf("%s: the whole holds %v, others %v", c.name, u, others.Used())
		}
	}
	if fill(p[0]) != 0 {
		t.Error("a peer pushed the own out")
	}
}

// What a peer leaves behind goes first, however little it is.
func TestLeftGoesFirst(t *testing.T) {
	_, own, _, left, p := tree()
	p[2].Take(one(5))
	p[0].Take(one(50))
	own.Take(one(10))
	p[3].Take(one(20))
	p[1].Take(one(15))
	p[2].Move(left)
	if v := p[1].Victim(one(1)); v != p[2] {
		t.Errorf("%+v gives way, want what was left", v)
	}
	if left.Used() != one(5) {
		t.Errorf("left holds %v", left.Used())
	}
	p[2].Give(one(5))
	p[2].Remove()
	if !left.Empty() {
		t.Error("left is not empty")
	}
}

// Whatever happens the sums are right, nobody is above their limit, and what gives way
// holds something.
func TestAtRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	whole, own, others, left, peers := tree()
	leaves := append([]*Share[string]{own}, peers[:]...)
	for step := range 100_000 {
		s := leaves[r.IntN(len(leaves))]
		n := Amount{1, r.IntN(20)}
		switch r.IntN(6) {
		case 0:
			if u := s.Used(); u.Places > 0 {
				s.Give(Amount{1, u.Bytes / u.Places})
			}
		case 1:
			if s != own && r.IntN(50) == 0 && s.Parent() != left {
				s.Move(left)
			}
		default:
			if s.Parent() == left {
				continue
			}
			for s.Full(n) != nil {
				v := s.Victim(n)
				if v == nil {
					break
				}
				u := v.Used()
				if u.Places == 0 || v == own || v == s {
					t.Fatalf("step %d: %+v gives way", step, v)
				}
				v.Give(Amount{1, u.Bytes / u.Places})
			}
			if s.Full(n) == nil {
				s.Take(n)
			}
		}
		sum := Amount{}
		for _, l := range leaves {
			sum = sum.Plus(l.Used())
			if !l.Used().within(l.Most()) {
				t.Fatalf("step %d: a holder has %v of %v", step, l.Used(), l.Most())
			}
		}
		if whole.Used() != sum || others.Used() != sum.Minus(own.Used()) || !sum.within(one(100)) {
			t.Fatalf("step %d: the whole says %v, others %v; holders have %v", step, whole.Used(), others.Used(), sum)
		}
	}
}
