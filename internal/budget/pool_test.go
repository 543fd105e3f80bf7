package budget

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// taking takes single places for s, pushing out whom it may, and says how many it got and
// why no more.
func taking(p *Pool[int], s *Share[int], most int) (got int, v Verdict) {
	for range most {
		if v = p.MakeRoom(s, one(1), func(victim *Share[int]) { victim.Give(one(1)) }); v != Room {
			return got, v
		}
		s.Take(one(1))
		got++
	}
	return got, Room
}

func rules() Rules { return Rules{Most: one(100), Reserve: 0.1, Peer: 0.5, Address: 0.7} }

// One hostile peer, and then one hostile address, takes all it can beside an honest peer:
// that gets what it asks for, and so does the program.
func TestHonestBesideHostile(t *testing.T) {
	p := NewPool[int](rules())
	for i := range 10 {
		got, why := taking(p, p.Come("192.0.2.1"), 1000)
		if i == 0 && (got != 50 || why != OverShare) {
			t.Errorf("one peer got %d, then %v, want 50 and OverShare", got, why)
		}
	}
	if held := p.Held("192.0.2.1").Places; held != 70 {
		t.Errorf("one address holds %d, want 70", held)
	}
	for i := range 20 {
		taking(p, p.Come(fmt.Sprintf("198.51.100.%d", i)), 1000)
	}
	honest := p.Come("203.0.113.1")
	if got, why := taking(p, honest, 3); got != 3 {
		t.Errorf("the honest peer got %d of 3, then %v", got, why)
	}
	chosen := p.Chosen()
	if got, why := taking(p, chosen, 3); got != 3 {
		t.Errorf("a chosen peer got %d of 3, then %v", got, why)
	}
	if got, why := taking(p, p.Own(), 1000); got != 100 || why != OverShare {
		t.Errorf("the program got %d, then %v, want all", got, why)
	}
	if f := p.Figures(); f.Held != one(100) || f.Own != one(100) || f.Evicted == 0 || f.OverShare == 0 {
		t.Errorf("figures %+v", f)
	}
	if _, why := taking(p, p.Come("203.0.113.2"), 1); why != Full {
		t.Errorf("in a full pool of the program's a peer hears %v, want Full", why)
	}
}

// What is given back is given back exactly, and nothing stays of who has gone.
func TestGivenBackExactly(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	p := NewPool[int](rules())
	var there []*Share[int]
	left := map[*Share[int]]bool{}
	for range 20_000 {
		switch i := r.IntN(max(1, len(there))); {
		case r.IntN(10) == 0:
			there = append(there, p.Come(fmt.Sprint(r.IntN(5))))
		case len(there) == 0:
		case r.IntN(10) == 0:
			s := there[i]
			there = append(there[:i], there[i+1:]...)
			held := !s.Empty()
			p.Leave(s)
			if held {
				left[s] = true
			}
		case r.IntN(4) == 0 && there[i].Used().Places > 0:
			there[i].Give(one(1))
		default:
			taking(p, there[i], 1+r.IntN(10))
		}
		for s := range left {
			if r.IntN(3) == 0 && s.Used().Places > 0 {
				s.Give(one(1))
			}
			if p.Tidy(s); s.Empty() {
				delete(left, s)
			}
		}
		sum := Amount{}
		for _, s := range there {
			sum = sum.Plus(s.Used())
		}
		for s := range left {
			sum = sum.Plus(s.Used())
		}
		if p.Figures().Held != sum {
			t.Fatalf("held are %+v, the pool says %+v", sum, p.Figures().Held)
		}
	}
	for _, s := range there {
		s.Give(s.Used())
		p.Leave(s)
	}
	for s := range left {
		s.Give(s.Used())
		p.Tidy(s)
	}
	if f := p.Figures(); f.Held != (Amount{}) || p.Addresses() != 0 || !p.left.Empty() {
		t.Errorf("left are %+v, %d addresses", f.Held, p.Addresses())
	}
}

func TestOrigin(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1:1": "192.0.2.1", "[::ffff:192.0.2.1]:1": "192.0.2.1", "[2001:db8:1:2:3:4:5:6]:1": "2001:db8:1:2::/64",
		"[2001:db8:1:2:ffff::1]:77": "2001:db8:1:2::/64", "[fe80::1%eth0]:1": "fe80::/64", "@": "", "": "",
	} {
		if got := OriginOf(address); got != want {
			t.Errorf("%s is of %q, want %q", address, got, want)
		}
	}
}
