package dnssd

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const zre = "_zre._tcp.local."

// A machine is what the tests have in common to say of Responder and Browser.
type machine interface {
	SetNICs(time.Time, []NIC)
	Handle(time.Time, Heard)
	Poll(time.Time) []Packet
	Next() time.Time
}

// A lan is a network with a clock of its own: what one machine sends, all hear a
// millisecond later, the sender too, unless it is lost. Machine number i has the
// interface i+1 and the address 10.0.0.i+1.
type lan struct {
	t        *testing.T
	now      time.Time
	random   *rand.Rand
	machines []machine
	cut      map[int]bool // machines that are unplugged
	loss     float64
	air      []flying
	sent     []string // every packet, as a line
	quiet    bool     // whether to keep no lines
}

type flying struct {
	at time.Time
	to int
	Heard
}

func newLAN(t *testing.T, seed uint64) *lan {
	return &lan{t: t, now: time.Unix(1_000_000, 0), random: rand.New(rand.NewPCG(seed, 7)), cut: map[int]bool{}}
}

func addr(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}) }

func (l *lan) plug(m machine) int {
	i := len(l.machines)
	l.machines = append(l.machines, m)
	m.SetNICs(l.now, []NIC{{Index: i + 1, Name: fmt.Sprintf("eth%d", i), Addrs: []netip.Addr{addr(i)}}})
	return i
}

func (l *lan) responder(host string, life Lifetime) (*Responder, int) {
	r, err := NewResponder(host, life, l.random)
	if err != nil {
		l.t.Fatal(err)
	}
	return r, l.plug(r)
}

// A watcher is a browser that keeps a diary.
type watcher struct {
	*Browser
	lan   *lan
	have  map[Key]Finding
	diary []string
}

func (l *lan) watcher(kind string, limit int) (*watcher, int) {
	w := &watcher{lan: l, have: map[Key]Finding{}}
	w.Browser = NewBrowser(kind, limit, l.random, func(k Key, f Finding) {
		if _, known := w.have[k]; !known {
			w.diary = append(w.diary, "+"+f.Instance)
		}
		w.have[k] = f
	}, func(k Key) {
		if _, known := w.have[k]; !known {
			l.t.Errorf("%v was lost without having been found", k)
		}
		w.diary = append(w.diary, "-"+w.have[k].Instance)
		delete(w.have, k)
	})
	return w, l.plug(w)
}

func (w *watcher) names() []string {
	var list []string
	for _, f := range w.have {
		list = append(list, f.Instance)
	}
	slices.Sort(list)
	return list
}

func (w *watcher) expect(names ...string) {
	w.lan.t.Helper()
	if got := w.names(); !slices.Equal(got, names) && len(got) > 30 {
		w.lan.t.Errorf("after %v the browser knows %d, want %d", w.lan.now.Sub(time.Unix(1_000_000, 0)), len(got), len(names))
	} else if !slices.Equal(got, names) {
		w.lan.t.Errorf("after %v the browser knows %q, want %q", w.lan.now.Sub(time.Unix(1_000_000, 0)), got, names)
	}
}

func (l *lan) send(i int, p Packet) {
	m, err := Decode(p.Bytes)
	if err != nil {
		l.t.Fatalf("a packet of %d bytes from machine %d: %v: %q", len(p.Bytes), i, err, p.Bytes)
	}
	if !l.quiet {
		l.sent = append(l.sent, line(i, p, m))
	}
	if l.cut[i] {
		return
	}
	from := netip.AddrPortFrom(addr(i), Port)
	if p.OneShot {
		from = netip.AddrPortFrom(addr(i), 40000+uint16(i))
	}
	for j := range l.machines {
		direct := p.To.IsValid()
		if l.cut[j] || direct && p.To.Addr() != addr(j) || l.random.Float64() < l.loss {
			continue
		}
		l.air = append(l.air, flying{l.now.Add(time.Millisecond), j, Heard{
			NIC: j + 1, From: from, OneShot: direct && p.To.Port() != Port, Msg: m.Copy(),
		}})
	}
}

// line writes a packet as "0 ?PTR _zre._tcp.local. !..." with the milliseconds of its
// records left out.
func line(i int, p Packet, m *dns.Msg) string {
	s := fmt.Sprint(i)
	if p.OneShot {
		s += " one-shot"
	}
	if p.To.IsValid() {
		s += " to " + p.To.String()
	}
	for _, q := range m.Question {
		s += " ?" + dns.TypeToString[q.Qtype] + " " + q.Name
	}
	for name, list := range map[string][]dns.RR{"=": m.Answer} {
		for _, rr := range list {
			s += fmt.Sprintf(" %s%s %s %d", name, dns.TypeToString[rr.Header().Rrtype], rr.Header().Name, rr.Header().Ttl)
		}
	}
	return s
}

// pass lets time go by.
func (l *lan) pass(d time.Duration) {
	end := l.now.Add(d)
	for {
		next, who := end, -1
		for i, m := range l.machines {
			if at := m.Next(); !at.IsZero() && at.Before(next) {
				next, who = at, i
			}
		}
		switch {
		case len(l.air) > 0 && !l.air[0].at.After(later(l.now, next)):
			f := l.air[0]
			l.air = l.air[1:]
			l.now = later(l.now, f.at)
			l.machines[f.to].Handle(l.now, f.Heard)
			l.poll(f.to)
		case who < 0:
			l.now = end
			return
		default:
			l.now = later(l.now, next)
			l.poll(who)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (l *lan) poll(i int) {
	for _, p := range l.machines[i].Poll(l.now) {
		l.send(i, p)
	}
	if next := l.machines[i].Next(); !next.IsZero() && !next.After(l.now) {
		l.t.Fatalf("machine %d is due at %v after having been polled then", i, next)
	}
}

func (l *lan) add(r *Responder, instance string, text ...string) Service {
	l.t.Helper()
	s := Service{Instance: instance, Type: zre, Port: 5670, Text: text}
	if err := r.Add(l.now, s); err != nil {
		l.t.Fatal(err)
	}
	return s
}

func only(m map[Key]Finding) Finding {
	for k := range maps.Keys(m) {
		return m[k]
	}
	return Finding{}
}
