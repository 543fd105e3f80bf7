package dnssd

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A service is found whoever came first, whatever its name looks like, and lost a
// second after its goodbye.
func TestFoundAndLost(t *testing.T) {
	for _, first := range []string{"browser", "responder"} {
		t.Run(first+" first", func(t *testing.T) {
			l := newLAN(t, 1)
			var w *watcher
			if first == "browser" {
				w, _ = l.watcher(zre, 10)
				l.pass(10 * time.Second)
			}
			r, _ := l.responder("box", DefaultLifetime)
			names := []string{"My Node v1.2", "a.b", `back\slash`, "Bücher (neu)", `"quoted"; 'x' @y`, "plain"}
			for i, name := range names {
				l.add(r, name, fmt.Sprintf("n=%d", i), "bin=\x00\xff\"\\")
			}
			if first == "responder" {
				l.pass(10 * time.Second)
				w, _ = l.watcher(zre, 10)
			}
			l.pass(2 * time.Second)
			slices.Sort(names)
			w.expect(names...)
			for _, f := range w.have {
				at := map[bool]int{true: 1, false: 0}[first == "browser"]
				want := Finding{
					NIC: f.NIC, Interface: f.Interface, Instance: f.Instance, Type: zre, Host: "box.local.", Port: 5670,
					Text: f.Text, Addrs: []netip.Addr{addr(at)},
				}
				if !reflect.DeepEqual(f, want) || len(f.Text) != 2 || f.Text[1] != "bin=\x00\xff\"\\" {
					t.Errorf("found %+v, want %+v", f, want)
				}
			}
			r.Remove("a.b", zre)
			l.pass(500 * time.Millisecond)
			w.expect(names...)
			l.pass(600 * time.Millisecond)
			w.expect(slices.DeleteFunc(names, func(s string) bool { return s == "a.b" })...)
			r.Bye()
			l.pass(1100 * time.Millisecond)
			w.expect()
			if i, h := w.Counts(); i+h != 0 {
				t.Errorf("%d instances and %d hosts are remembered", i, h)
			}
		})
	}
}

// What a silent host leaves behind ends with its time to live, and not before it was
// asked for four times.
func TestExpiry(t *testing.T) {
	l := newLAN(t, 2)
	w, _ := l.watcher(zre, 10)
	r, at := l.responder("box", DefaultLifetime)
	l.add(r, "node")
	l.pass(10 * time.Minute)
	w.expect("node")
	if len(w.diary) != 1 {
		t.Errorf("in ten minutes: %q", w.diary)
	}
	l.cut[at] = true
	l.sent = nil
	l.pass(90 * time.Second)
	w.expect("node") // SRV and A live for two minutes, renewed at 96 s at the latest
	l.pass(35 * time.Second)
	w.expect()
	var asked int
	for _, s := range l.sent {
		if strings.Contains(s, "?SRV") {
			asked++
		}
	}
	if asked < 4 {
		t.Errorf("asked %d times for the SRV record: %q", asked, l.sent)
	}
	l.cut[at] = false // and when it comes back it is asked for, as the type still is
	l.pass(4 * time.Minute)
	w.expect("node")
}

func TestShortLifetime(t *testing.T) {
	l := newLAN(t, 3)
	w, _ := l.watcher(zre, 10)
	r, at := l.responder("box", Lifetime{Host: 5, Other: 5})
	l.add(r, "node")
	l.pass(time.Minute)
	w.expect("node")
	if len(w.diary) != 1 {
		t.Errorf("in a minute: %q", w.diary)
	}
	l.cut[at] = true
	l.pass(6 * time.Second)
	w.expect()
}

func TestUpdateReachesTheBrowser(t *testing.T) {
	l := newLAN(t, 4)
	w, _ := l.watcher(zre, 10)
	r, at := l.responder("box", DefaultLifetime)
	s := l.add(r, "node", "v=1")
	l.pass(5 * time.Second)
	s.Text, s.Port = []string{"v=2"}, 99
	if err := r.Update(l.now, s); err != nil {
		t.Fatal(err)
	}
	l.poll(at)
	l.pass(5 * time.Second)
	if f := only(w.have); !slices.Equal(f.Text, []string{"v=2"}) || f.Port != 99 {
		t.Errorf("found %+v, want the new text and port", f)
	}
	r.SetNICs(l.now, []NIC{{at + 1, "eth", []netip.Addr{netip.MustParseAddr("10.9.9.9"), netip.MustParseAddr("fe80::1")}}})
	l.pass(5 * time.Second)
	if f := only(w.have); fmt.Sprint(f.Addrs) != "[10.9.9.9 fe80::1%eth0]" {
		t.Errorf("found at %v, want the new addresses", f.Addrs)
	}
	r.SetNICs(l.now, nil)
	r.SetNICs(l.now, []NIC{{at + 1, "eth", []netip.Addr{addr(at)}}})
	l.pass(5 * time.Second)
	if f := only(w.have); fmt.Sprint(f.Addrs) != "[10.0.0.2]" && len(f.Addrs) != 2 {
		t.Errorf("found at %v after the interface came back", f.Addrs)
	}
}

// A third of all packets is lost, and everything is found all the same. When it is
// one in fifty, nothing is lost again either.
func TestLossyNetwork(t *testing.T) {
	for seed := range uint64(4) {
		for _, loss := range []float64{0.02, 0.3} {
			l := newLAN(t, seed)
			l.quiet = true
			l.loss = loss
			w, _ := l.watcher(zre, 100)
			var want []string
			for i := range 5 {
				r, _ := l.responder(fmt.Sprintf("box%d", i), DefaultLifetime)
				for j := range 4 {
					want = append(want, fmt.Sprintf("node %d.%d", i, j))
					l.add(r, want[len(want)-1])
				}
			}
			l.pass(5 * time.Minute)
			w.expect(want...)
			if loss < 0.1 && len(w.diary) != len(want) {
				t.Errorf("seed %d: %q", seed, w.diary)
			}
		}
	}
}

// Hundreds of services of one host take packets that all fit.
func TestManyServices(t *testing.T) {
	l := newLAN(t, 5)
	l.quiet = true
	w, _ := l.watcher(zre, 500)
	r, _ := l.responder("box", DefaultLifetime)
	for i := range 120 {
		l.add(r, fmt.Sprintf("node number %03d", i), "k="+strings.Repeat("v", 100))
	}
	l.pass(10 * time.Second)
	if n := len(w.have); n != 120 {
		t.Errorf("%d of 120 found", n)
	}
	late, _ := l.watcher(zre, 500)
	l.pass(30 * time.Second)
	if n := len(late.have); n != 120 {
		t.Errorf("%d of 120 found by one who came late", n)
	}
	r.Bye()
	l.pass(1500 * time.Millisecond)
	w.expect()
	late.expect()
}

func TestSubtypes(t *testing.T) {
	l := newLAN(t, 6)
	kind, err := ParseType("_gpu._sub._zre._tcp")
	if err != nil {
		t.Fatal(err)
	}
	w, _ := l.watcher(kind, 10)
	all, _ := l.watcher(zre, 10)
	r, _ := l.responder("box", DefaultLifetime)
	l.add(r, "plain")
	if err := r.Add(l.now, Service{Instance: "special", Type: zre, Port: 1, Subtypes: []string{"_gpu"}}); err != nil {
		t.Fatal(err)
	}
	l.pass(5 * time.Second)
	w.expect("special")
	all.expect("plain", "special")
}

// Questions grow rarer by the rule, and carry what is known.
func TestSchedule(t *testing.T) {
	l := newLAN(t, 7)
	w, me := l.watcher(zre, 10)
	r, _ := l.responder("box", DefaultLifetime)
	l.add(r, "node")
	start := l.now
	var at []time.Duration
	for range 3000 {
		l.sent = nil
		l.pass(100 * time.Millisecond)
		if slices.ContainsFunc(l.sent, func(s string) bool { return strings.HasPrefix(s, fmt.Sprint(me, " ?PTR")) }) {
			at = append(at, l.now.Sub(start).Truncate(100*time.Millisecond))
			if len(at) > 2 && !strings.Contains(l.sent[0], "=PTR "+zre) {
				t.Errorf("no known answer in %q", l.sent)
			}
			if len(at) > 2 && slices.ContainsFunc(l.sent, func(s string) bool { return strings.HasPrefix(s, "1 =PTR") }) {
				t.Errorf("a known answer was answered: %q", l.sent)
			}
		}
	}
	w.expect("node")
	var gaps []time.Duration
	for i := range len(at) - 1 {
		gaps = append(gaps, (at[i+1] - at[i]).Round(time.Second))
	}
	if want := []time.Duration{1e9, 3e9, 9e9, 27e9, 81e9}; !slices.Equal(gaps, want) {
		t.Errorf("gaps %v, want %v", gaps, want)
	}
}

// Forged answers cost a bounded amount of memory, don't push out what is known, and keep no
// newcomer out.
func TestHostileAnswersAreBounded(t *testing.T) {
	l := newLAN(t, 8)
	l.quiet = true
	const limit = 50
	w, me := l.watcher(zre, limit)
	r, _ := l.responder("box", DefaultLifetime)
	l.add(r, "honest")
	l.pass(3 * time.Second)
	from := netip.AddrPortFrom(addr(9), Port)
	for i := range 4_000 {
		name := fmt.Sprintf("f%d.%s", i, zre)
		host := fmt.Sprintf("h%d.local.", i)
		m := response()
		m.Answer = []dns.RR{
			&dns.PTR{Hdr: header(zre, dns.TypePTR, 1<<31, false), Ptr: name},
			&dns.SRV{Hdr: header(name, dns.TypeSRV, 1<<31, true), Target: host},
			&dns.TXT{Hdr: header(name, dns.TypeTXT, 1<<31, true), Txt: []string{"x"}},
			&dns.A{Hdr: header(host, dns.TypeA, 1<<31, false), A: []byte{10, byte(i >> 16), byte(i >> 8), byte(i)}},
			&dns.A{Hdr: header("box.local.", dns.TypeA, 1<<31, false), A: []byte{10, byte(i >> 16), byte(i >> 8), byte(i)}},
			&dns.PTR{Hdr: header(zre, dns.TypePTR, 9, false), Ptr: "not.of.this.type.local."},
		}
		w.Handle(l.now, Heard{NIC: me + 1, From: from, Msg: m})
	}
	w.Poll(l.now)
	if i, h := w.Counts(); i != limit || h > limit {
		t.Errorf("%d instances and %d hosts, limit %d", i, h, limit)
	}
	for _, f := range w.have {
		if len(f.Addrs) > maxAddrs {
			t.Errorf("%d addresses", len(f.Addrs))
		}
	}
	if w.Refused < 3_900 || !slices.Contains(w.names(), "honest") {
		t.Errorf("%d refused; honest is known: %v", w.Refused, slices.Contains(w.names(), "honest"))
	}
	late, _ := l.responder("latecomer", DefaultLifetime)
	for i := range limit / 3 {
		l.add(late, fmt.Sprint("late ", i))
	}
	l.pass(5 * time.Second)
	if i, _ := w.Counts(); i != limit {
		t.Errorf("%d instances, limit %d", i, limit)
	}
	newcomers := 0
	for _, name := range w.names() {
		if strings.HasPrefix(name, "late ") {
			newcomers++
		}
	}
	if newcomers != limit/3 || !slices.Contains(w.names(), "honest") {
		t.Errorf("of %d newcomers %d are found", limit/3, newcomers)
	}
	late.Bye()
	l.pass(25 * time.Hour) // even the longest lie ends
	w.expect("honest")
	for _, v := range w.nics {
		if held, n := v.places.pool.Figures().Held.Places, v.places.pool.Addresses(); held != 1 || n != 1 {
			t.Errorf("%d places of %d addresses are taken, by one instance", held, n)
		}
	}
}

// Answers that RFC 6762 wants ignored.
func TestIgnoredAnswers(t *testing.T) {
	l := newLAN(t, 9)
	w, me := l.watcher(zre, 10)
	name, host := "x."+zre, "h.local."
	good := func() *dns.Msg {
		m := response()
		m.Answer = []dns.RR{
			&dns.A{Hdr: header(host, dns.TypeA, 9, true), A: []byte{10, 0, 0, 1}}, // the wrong order on purpose
			&dns.TXT{Hdr: header(name, dns.TypeTXT, 9, true), Txt: nil},
			&dns.SRV{Hdr: header(name, dns.TypeSRV, 9, true), Target: host},
			&dns.PTR{Hdr: header(zre, dns.TypePTR, 9, false), Ptr: name},
		}
		return m
	}
	for what, change := range map[string]func(*Heard){
		"a query":           func(h *Heard) { h.Msg.Response = false },
		"another port":      func(h *Heard) { h.From = netip.AddrPortFrom(addr(5), 40000) },
		"another interface": func(h *Heard) { h.NIC = 99 },
		"another class": func(h *Heard) {
			for _, rr := range h.Msg.Answer {
				rr.Header().Class = dns.ClassCHAOS
			}
		},
		"another type": func(h *Heard) { h.Msg.Answer[3].Header().Name = "_http._tcp.local." },
		"all goodbyes": func(h *Heard) {
			for _, rr := range h.Msg.Answer {
				rr.Header().Ttl = 0
			}
		},
	} {
		h := Heard{NIC: me + 1, From: netip.AddrPortFrom(addr(5), Port), Msg: good()}
		change(&h)
		w.Handle(l.now, h)
		w.Poll(l.now)
		if len(w.have) != 0 {
			t.Errorf("%s was believed: %+v", what, w.have)
		}
	}
	w.Handle(l.now, Heard{NIC: me + 1, From: netip.AddrPortFrom(addr(5), Port), Msg: good()})
	w.Poll(l.now)
	w.expect("x")
}

// A responder that puts each record into a packet of its own, in the worst order, is
// asked for what is missing.
func TestMissingRecordsAreAskedFor(t *testing.T) {
	l := newLAN(t, 10)
	w, me := l.watcher(zre, 10)
	l.pass(time.Second)
	say := func(rr dns.RR) {
		m := response()
		m.Answer = []dns.RR{rr}
		w.Handle(l.now, Heard{NIC: me + 1, From: netip.AddrPortFrom(addr(5), Port), Msg: m})
		l.sent = nil
		l.pass(500 * time.Millisecond)
	}
	asked := func(what string) {
		t.Helper()
		if all := strings.Join(l.sent, "\n"); !strings.Contains(all, what) {
			t.Errorf("%q was not asked: %q", what, all)
		}
	}
	name, host := `My\ Node\ v1\.2.`+zre, "H.local."
	say(&dns.PTR{Hdr: header(zre, dns.TypePTR, 99, false), Ptr: name})
	asked("?SRV " + name + " ?TXT " + name)
	say(&dns.TXT{Hdr: header(name, dns.TypeTXT, 99, true), Txt: []string{"a"}})
	l.pass(time.Second)
	asked("?SRV " + name)
	say(&dns.SRV{Hdr: header(name, dns.TypeSRV, 99, true), Target: host})
	asked("?A " + host + " ?AAAA " + host)
	w.expect()
	say(&dns.AAAA{Hdr: header("h.LOCAL.", dns.TypeAAAA, 99, true), AAAA: netip.MustParseAddr("fe80::9").AsSlice()})
	w.expect("My Node v1.2")
	w.SetNICs(l.now, nil)
	w.expect()
}
