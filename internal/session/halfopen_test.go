package session

import (
	"fmt"
	"net"
	"testing"
	"time"
)

// places is a table whose peers are called by names, at a time of its own.
type places struct {
	t   *testing.T
	h   *halfOpen[string]
	now time.Time
	// spoken are those with bytes that nobody has read.
	spoken map[string]bool
}

func newPlaces(t *testing.T, limit int) *places {
	return &places{t, newHalfOpen[string](limit), time.Unix(1000, 0), map[string]bool{}}
}

// silent enters peers that are to speak.
func (p *places) silent(from string, names ...string) {
	for _, name := range names {
		p.h.enter(name, from)
		p.h.awaits(name, p.now)
	}
}

// busy enters peers that wait for us.
func (p *places) busy(from string, names ...string) {
	for _, name := range names {
		p.h.enter(name, from)
	}
}

// gives says who has to give way to a newcomer, in order.
func (p *places) gives(from string, want ...string) {
	p.t.Helper()
	for _, name := range want {
		got, wait, ok := p.h.makeRoom(from, p.now, func(k string) bool { return p.spoken[k] })
		if !ok || got != name {
			p.t.Fatalf("%q had to give way to one from %s (%v, wait %v), want %q", got, from, ok, wait, name)
		}
		p.h.enter("newcomer in place of "+name, from)
	}
}

// keeps says that a newcomer has to wait, and for how long at most.
func (p *places) keeps(from string, want time.Duration) {
	p.t.Helper()
	if got, wait, ok := p.h.makeRoom(from, p.now, func(k string) bool { return p.spoken[k] }); ok || wait != want {
		p.t.Fatalf("%q had to give way to one from %s (%v), wait %v, want %v", got, from, ok, wait, want)
	}
}

func names(prefix string, n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprint(prefix, i))
	}
	return all
}

// While there is a place nobody is asked, and a table forgets who has left.
func TestHalfOpenPlaces(t *testing.T) {
	p := newPlaces(t, 4)
	p.busy("a", names("a", 3)...)
	if p.h.full() || !p.h.crowded() {
		t.Error("3 of 4 places are taken: not full, but crowded")
	}
	p.silent("b", "b")
	if !p.h.full() {
		t.Error("4 of 4 places are taken")
	}
	for _, k := range append(p.h.all(), p.h.all()...) {
		p.h.leave(k, true, p.now)
	}
	if len(p.h.peers)+len(p.h.groups)+len(p.h.order)+p.h.silent.mute.Len()+p.h.silent.spoke.Len() != 0 || p.h.crowded() {
		t.Errorf("it remembers %v", p.h)
	}
}

// Of one address: who has been silent for longest goes, counted from what it said last,
// and nobody before a second has passed.
func TestHalfOpenSilence(t *testing.T) {
	p := newPlaces(t, 3)
	p.silent("a", "first", "second", "third")
	p.now = p.now.Add(maxSilence / 2)
	p.h.heard("first", p.now)
	p.h.awaits("first", p.now)
	p.keeps("a", maxSilence/2)
	p.now = p.now.Add(maxSilence / 2)
	p.gives("a", "second", "third")
}

// Who waits for us is never turned out: not one that waits for the authenticator, nor
// one whose bytes we have not read.
func TestHalfOpenNeverTheWaiting(t *testing.T) {
	p := newPlaces(t, 4)
	p.busy("a", "asked", "calculated")
	p.silent("a", "unread", "silent")
	p.spoken["unread"] = true
	p.now = p.now.Add(time.Hour)
	p.gives("a", "silent")
	p.keeps("a", 0)
	p.keeps("b", 0)
	p.spoken["unread"] = false // it was read, and is to speak again
	p.h.awaits("unread", p.now)
	p.keeps("a", maxSilence/2) // one has had to go from there
	p.gives("b", "unread")
}

// A flood from one address costs no other its place, and keeps no other out.
func TestHalfOpenShares(t *testing.T) {
	p := newPlaces(t, 10)
	p.silent("honest", "h")
	p.now = p.now.Add(time.Minute)
	flood := names("f", 9)
	p.silent("flood", flood...)
	p.gives("other", flood[:3]...) // at once: they are few
	p.now = p.now.Add(maxSilence)
	p.gives("flood", flood[3:7]...) // its own, although h has been silent for longer
}

// When no address is crowded the silence alone decides.
func TestHalfOpenManyAddresses(t *testing.T) {
	p := newPlaces(t, 4)
	for _, k := range []string{"a", "b", "c", "d"} {
		p.silent(k, k)
		p.now = p.now.Add(maxSilence / 4)
	}
	p.gives("e", "a")
	p.keeps("e", maxSilence/4)
	// Not even for a crowded address is one spared that has long been silent.
	q := newPlaces(t, 4)
	q.silent("x", "x")
	q.now = q.now.Add(maxSilence)
	q.busy("crowd", names("c", 2)...)
	q.silent("crowd", "c2")
	q.gives("crowd", "x")
}

// Silence shortens the allowance with an address, success restores it.
func TestHalfOpenPatience(t *testing.T) {
	const n = 100
	p := newPlaces(t, n)
	p.silent("a", names("a", n)...)
	p.now = p.now.Add(maxSilence)
	p.gives("a", names("a", 20)...)
	c := p.h.groups["a"]
	if c.allowance != minSilence {
		t.Errorf("after 20 silent ones the allowance is %v, want %v", c.allowance, minSilence)
	}
	for i := range 20 {
		p.h.leave(fmt.Sprint("newcomer in place of a", i), true, p.now)
	}
	if c.allowance != maxSilence {
		t.Errorf("after 20 that got in the allowance is %v, want %v", c.allowance, maxSilence)
	}
}

// A crowd that makes progress, however slowly, is waited for; those in it that have not
// said a word less long.
func TestHalfOpenSlowCrowd(t *testing.T) {
	p := newPlaces(t, 5)
	p.silent("a", names("a", 5)...)
	for _, k := range names("a", 4) {
		p.h.heard(k, p.now) // its greeting
		p.h.awaits(k, p.now)
	}
	p.now = p.now.Add(maxSilence)
	p.h.heard("a0", p.now) // and the next command: that is progress
	p.h.awaits("a0", p.now)
	p.gives("a", "a4") // which has not said a word
	p.keeps("a", slowSilence-maxSilence)
	p.now = p.now.Add(maxSilence - 1)
	p.h.leave("a0", true, p.now)
	p.busy("a", "another")
	p.now = p.now.Add(maxSilence - 1)
	p.keeps("a", slowSilence-3*maxSilence+2)
	p.now = p.now.Add(1)
	p.gives("a", "a1", "a2", "a3") // a second without any progress
}

// Those that have not said a word get more time when the others have needed it.
func TestHalfOpenSlowFirstWords(t *testing.T) {
	p := newPlaces(t, 3)
	p.silent("a", names("a", 3)...)
	p.now = p.now.Add(maxSilence / 2)
	p.h.heard("a0", p.now)
	p.h.awaits("a0", p.now)
	p.now = p.now.Add(maxSilence / 4)
	p.h.heard("a0", p.now) // progress
	p.keeps("a", 3*maxSilence/2-3*maxSilence/4)
	p.now = p.now.Add(3*maxSilence/2 - 3*maxSilence/4)
	p.gives("a", "a1")
}

// Who was turned out learns of it when it speaks.
func TestHalfOpenTurnedOutIsNotHeard(t *testing.T) {
	p := newPlaces(t, 1)
	p.silent("a", "a")
	p.gives("b") // nobody: an address with one is not crowded
	p.now = p.now.Add(maxSilence)
	p.gives("b", "a")
	if p.h.heard("a", p.now) || !p.h.heard("newcomer in place of a", p.now) {
		t.Error("who was turned out was heard")
	}
	p.h.awaits("a", p.now)
	p.h.leave("a", true, p.now)
}

// from is a connection that only knows where it comes from.
type from struct {
	net.Conn
	addr string
}

func (f from) RemoteAddr() net.Addr { return address(f.addr) }

type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }

// Peers count as one by address, of IPv6 by the first 64 bits.
func TestAddressOf(t *testing.T) {
	for _, tt := range []struct{ addr, want string }{
		{"192.0.2.1:1", "192.0.2.1"},
		{"[::ffff:192.0.2.1]:1", "192.0.2.1"},
		{"[2001:db8:1:2:3:4:5:6]:1", "2001:db8:1:2::/64"},
		{"[2001:db8:1:2:ffff::1]:77", "2001:db8:1:2::/64"},
		{"[fe80::1%eth0]:1", "fe80::/64"},
		{"@", ""}, {"", ""},
	} {
		if got := addressOf(&conn{nc: from{addr: tt.addr}}); got != tt.want {
			t.Errorf("%s is one of %q, want %q", tt.addr, got, tt.want)
		}
	}
	if a, b := net.Pipe(); addressOf(&conn{nc: a}) != "" || addressOf(&conn{nc: b}) != "" {
		t.Error("pipes have no address")
	}
}
