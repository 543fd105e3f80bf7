package dnssd

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// lines keeps of what was sent what contains a text.
func (l *lan) lines(text string) []string {
	return slices.DeleteFunc(slices.Clone(l.sent), func(s string) bool { return !strings.Contains(s, text) })
}

// ask gives a query to a machine and returns what it sends in the next second and a half.
func (l *lan) ask(to int, from netip.AddrPort, change func(*dns.Msg), questions ...dns.Question) []string {
	l.t.Helper()
	m := &dns.Msg{Question: questions}
	m.Id = 7
	if change != nil {
		change(m)
	}
	l.sent = nil
	l.machines[to].Handle(l.now, Heard{NIC: to + 1, From: from, Msg: m})
	l.pass(1500 * time.Millisecond)
	return l.sent
}

var asker = netip.AddrPortFrom(addr(8), Port)

// Three probes a quarter of a second apart, then two announcements a second apart, and
// then silence.
func TestProbesAndAnnouncements(t *testing.T) {
	l := newLAN(t, 1)
	r, _ := l.responder("box", DefaultLifetime)
	l.add(r, "node")
	start := l.now
	var at []time.Duration
	for len(at) < 100 && l.now.Sub(start) < 10*time.Second {
		n := len(l.sent)
		l.pass(time.Millisecond)
		for range l.sent[n:] {
			at = append(at, l.now.Sub(start))
		}
	}
	const probe = "0 ?ANY box.local. ?ANY node._zre._tcp.local."
	const told = "0 =A box.local. 120 =PTR _zre._tcp.local. 4500 =PTR _services._dns-sd._udp.local. 4500 =SRV node._zre._tcp.local. 120 =TXT node._zre._tcp.local. 4500"
	hostProbe, serviceProbe := "0 ?ANY box.local.", "0 ?ANY node._zre._tcp.local."
	var probes []string
	for _, s := range l.sent {
		if strings.Contains(s, "?ANY") {
			probes = append(probes, s)
		}
	}
	if all := strings.Join(probes, ";"); strings.Count(all, "?ANY box") != 3 || strings.Count(all, "?ANY node") != 3 {
		t.Errorf("probes %q, want three like %q, or %q and %q", probes, probe, hostProbe, serviceProbe)
	}
	all := strings.Join(l.sent, ";")
	for _, record := range strings.Split(told[2:], " =") {
		if n := strings.Count(all, strings.TrimPrefix(record, "=")); n != 2 {
			t.Errorf("%q was announced %d times, want 2, in %q", record, n, l.sent)
		}
	}
	if at[0] > 251*time.Millisecond || at[len(at)-1] > 2100*time.Millisecond {
		t.Errorf("sent at %v", at)
	}
	if label, announced := r.Label("node", zre); label != "node" || !announced {
		t.Errorf("label %q, %v", label, announced)
	}
}

// The bytes of an announcement and of a goodbye, and of a question with a known answer.
func TestGoldenBytes(t *testing.T) {
	r, err := NewResponder("h", Lifetime{Host: 120, Other: 4500}, newLAN(t, 0).random)
	if err != nil {
		t.Fatal(err)
	}
	s := Service{Instance: "a.b", Type: zre, Port: 0x1234, Text: []string{"k=v"}}
	u := &unit{label: "a.b", service: &s, stages: map[int]*stage{}}
	records := append(s.shared("a.b", r.life)[:1], r.unique(u, nil)...)
	records = append(records, addresses("h.local.", []netip.Addr{addr(0)}, r.life)...)
	const head = "0000" + "8400" + "0000000400000000"
	const zreName = "04" + "5f7a7265" + "04" + "5f746370" + "05" + "6c6f63616c" + "00" // at 12
	want := head +
		zreName + "000c" + "0001" + "00001194" + "0006" + "03612e62" + "c00c" + // PTR, shared
		"c027" + "0021" + "8001" + "00000078" + "000a" + "0000" + "0000" + "1234" + "0168" + "c016" + // SRV, flush; its target is compressed as RFC 6762, 18.14, wants
		"c027" + "0010" + "8001" + "00001194" + "0004" + "036b3d76" + // TXT
		"c03f" + "0001" + "8001" + "00000078" + "0004" + "0a000001" // A
	got := responses(records, nil)
	if len(got) != 1 || !sameMessage(t, got[0], want) {
		t.Errorf("announced %x, want %s", got, want)
	}
	q := queries([]dns.Question{question(zre, dns.TypePTR)}, []dns.RR{withTTL(records[0], 60)})
	wantQ := "0000" + "0000" + "0001000100000000" + zreName + "000c" + "0001" + "c00c" + "000c" + "0001" + "0000003c" + "0006" + "03612e62" + "c00c"
	if len(q) != 1 || hex.EncodeToString(q[0]) != wantQ {
		t.Errorf("asked %x, want %s", q, wantQ)
	}
}

// sameMessage compares bytes, and, where they differ only in what was compressed, what
// they say.
func sameMessage(t *testing.T, got []byte, want string) bool {
	t.Helper()
	if hex.EncodeToString(got) == want {
		return true
	}
	w, err := hex.DecodeString(want)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Decode(got)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Decode(w)
	if err != nil {
		t.Fatalf("the golden bytes: %v", err)
	}
	for _, m := range []*dns.Msg{a, b} {
		for _, rr := range m.Answer {
			rr.Header().Rdlength = 0 // which depends on the compression
		}
	}
	return reflect.DeepEqual(a.Answer, b.Answer) && a.MsgHdr == b.MsgHdr
}

func TestAnswers(t *testing.T) {
	l := newLAN(t, 2)
	r, me := l.responder("box", DefaultLifetime)
	l.add(r, "node", "k=v")
	l.pass(5 * time.Second)
	r.SetNICs(l.now, []NIC{{me + 1, "eth0", []netip.Addr{addr(0), netip.MustParseAddr("fe80::1")}}})
	l.pass(5 * time.Second)
	q := func(name string, kind uint16) dns.Question { return question(name, kind) }
	for name, test := range map[string]struct {
		q    dns.Question
		want string // among the answers; empty for none
	}{
		"type":                 {q(zre, dns.TypePTR), "=PTR _zre._tcp.local. 4500"},
		"case":                 {q("_ZRE._TCP.Local.", dns.TypePTR), "=PTR _zre._tcp.local. 4500"},
		"enumeration":          {q(enumeration, dns.TypePTR), "=PTR _services._dns-sd._udp.local. 4500"},
		"srv":                  {q("NODE."+zre, dns.TypeSRV), "=SRV node._zre._tcp.local. 120"},
		"txt":                  {q("node."+zre, dns.TypeTXT), "=TXT node._zre._tcp.local. 4500"},
		"a":                    {q("box.local.", dns.TypeA), "=A box.local. 120"},
		"aaaa":                 {q("BOX.local.", dns.TypeAAAA), "=AAAA box.local. 120"},
		"any of host":          {q("box.local.", dns.TypeANY), "=A box.local. 120 =AAAA box.local. 120"},
		"what is not":          {q("box.local.", dns.TypeHINFO), "=NSEC box.local. 120"},
		"any type, any class":  {dns.Question{Name: zre, Qtype: dns.TypeANY, Qclass: dns.ClassANY}, "=PTR _zre"},
		"unicast, nobody else": {dns.Question{Name: zre, Qtype: dns.TypePTR, Qclass: dns.ClassINET | flush}, "=PTR _zre"},
		"another class":        {dns.Question{Name: zre, Qtype: dns.TypePTR, Qclass: dns.ClassCHAOS}, ""},
		"another type":         {q("_http._tcp.local.", dns.TypePTR), ""},
		"another instance":     {q("nodes."+zre, dns.TypeSRV), ""},
		"type as instance":     {q(zre, dns.TypeSRV), ""},
	} {
		got := strings.Join(l.ask(me, asker, nil, test.q), ";")
		if test.want == "" && got != "" || !strings.Contains(got, test.want) || strings.Contains(got, " to ") {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	r.Delegated = true
	for kind, answered := range map[uint16]bool{dns.TypePTR: false, dns.TypeSRV: false, dns.TypeTXT: false, dns.TypeA: true, dns.TypeANY: true} {
		name := map[bool]string{true: "box.local.", false: "node." + zre}[kind == dns.TypeA]
		if kind == dns.TypePTR {
			name = zre
		}
		got := l.ask(me, asker, nil, dns.Question{Name: name, Qtype: kind, Qclass: dns.ClassINET | flush})
		if (len(got) > 0) != answered {
			t.Errorf("a unicast question for %s, while delegated: %q", dns.TypeToString[kind], got)
		}
		zone := r.Zone().Records(dns.Question{Name: strings.ToUpper(name), Qtype: kind, Qclass: dns.ClassINET | flush})
		if (len(zone) > 0) == answered {
			t.Errorf("the zone says to %s: %v", dns.TypeToString[kind], zone)
		}
	}
	if z := r.Zone().Records(question(zre, dns.TypePTR)); z != nil {
		t.Errorf("the zone answers a multicast question: %v", z)
	}
}

// Known answers are not said again, unless they are about to be forgotten; those who
// need more than a packet for them are waited for.
func TestKnownAnswers(t *testing.T) {
	l := newLAN(t, 3)
	r, me := l.responder("box", DefaultLifetime)
	s := l.add(r, "node")
	l.pass(5 * time.Second)
	known := func(ttl uint32) dns.RR { return withTTL(s.shared("Node", r.life)[0], ttl) }
	for ttl, answered := range map[uint32]bool{4500: false, 2250: false, 2249: true, 1: true} {
		got := l.ask(me, asker, func(m *dns.Msg) { m.Answer = []dns.RR{known(ttl)} }, question(zre, dns.TypePTR))
		if (len(got) > 0) != answered {
			t.Errorf("known for %d s: %q", ttl, got)
		}
	}
	truncated := func(m *dns.Msg) { m.Truncated = true }
	if got := l.ask(me, asker, truncated, question(zre, dns.TypePTR)); len(got) == 0 {
		t.Error("no answer to one who announced more and did not send it")
	}
	for from, answered := range map[netip.AddrPort]bool{asker: false, netip.AddrPortFrom(addr(7), Port): true} {
		l.machines[me].Handle(l.now, Heard{NIC: me + 1, From: asker, Msg: &dns.Msg{MsgHdr: dns.MsgHdr{Truncated: true}, Question: []dns.Question{question(zre, dns.TypePTR)}}})
		l.pass(200 * time.Millisecond)
		if got := l.ask(me, from, func(m *dns.Msg) { m.Answer = []dns.RR{known(4500)} }); (len(got) > 0) != answered {
			t.Errorf("known answers that followed from %v: %q", from, got)
		}
	}
}

// However often a host asks, a record is multicast once a second.
func TestOncePerSecond(t *testing.T) {
	l := newLAN(t, 4)
	r, me := l.responder("box", DefaultLifetime)
	l.add(r, "node")
	l.pass(5 * time.Second)
	l.sent = nil
	for i := range 1000 {
		from := netip.AddrPortFrom(addr(i%200), Port)
		l.machines[me].Handle(l.now, Heard{NIC: me + 1, From: from, Msg: &dns.Msg{Question: []dns.Question{question(zre, dns.TypePTR)}}})
		l.poll(me)
		l.pass(10 * time.Millisecond)
	}
	if n := len(l.sent); n < 9 || n > 11 {
		t.Errorf("%d answers in ten seconds", n)
	}
	if p := r.nics[me+1]; len(p.pending) > 1 || len(p.sent) > 10 {
		t.Errorf("%d pending, %d remembered", len(p.pending), len(p.sent))
	}
}

// Those who ask from another port are answered there, as by an ordinary server.
func TestLegacyAnswers(t *testing.T) {
	l := newLAN(t, 5)
	r, me := l.responder("box", DefaultLifetime)
	l.add(r, "node")
	l.pass(5 * time.Second)
	from := netip.AddrPortFrom(addr(8), 40000)
	r.Handle(l.now, Heard{NIC: me + 1, From: from, Msg: &dns.Msg{MsgHdr: dns.MsgHdr{Id: 99}, Question: []dns.Question{question(zre, dns.TypePTR)}}})
	out := r.Poll(l.now)
	if len(out) != 1 || out[0].To != from {
		t.Fatalf("sent %+v, want one packet to %v", out, from)
	}
	m, err := Decode(out[0].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if m.Id != 99 || !m.Authoritative || len(m.Question) != 1 || len(m.Answer) != 1 || len(m.Extra) != 3 {
		t.Errorf("answer %v", m)
	}
	for _, rr := range append(m.Answer, m.Extra...) {
		if h := rr.Header(); h.Ttl > 10 || h.Class != dns.ClassINET {
			t.Errorf("record %v", rr)
		}
	}
	r.Handle(l.now, Heard{NIC: me + 1, From: from, Msg: &dns.Msg{Question: []dns.Question{question("_x._tcp.local.", dns.TypePTR)}}})
	if out := r.Poll(l.now); len(out) != 0 {
		t.Errorf("answered what it does not know: %+v", out)
	}
}

// Replies to single addresses, which can be forged, are few and short, whatever is asked; and
// one who asks much takes none from one who asks seldom.
func TestRepliesAreBounded(t *testing.T) {
	l := newLAN(t, 11)
	r, me := l.responder("box", DefaultLifetime)
	for i := range 60 {
		l.add(r, fmt.Sprintf("node %d", i), strings.Repeat("x", 100))
	}
	l.pass(5 * time.Second)
	many := &dns.Msg{Question: slices.Repeat([]dns.Question{question(zre, dns.TypeANY)}, maxQuestions)}
	sent := 0
	for i := range 1000 {
		r.Handle(l.now.Add(time.Duration(i)*time.Microsecond), Heard{NIC: me + 1, From: netip.AddrPortFrom(addr(8), 40000), Msg: many})
		for _, p := range r.Poll(l.now) {
			if sent++; len(p.Bytes) > fits {
				t.Errorf("a reply of %d bytes", len(p.Bytes))
			}
		}
	}
	if sent > maxReplies || sent < maxReplies/2 {
		t.Errorf("%d replies in a second to one, want %d at most, and half of it", sent, maxReplies)
	}
	r.Handle(l.now.Add(time.Millisecond), Heard{NIC: me + 1, From: netip.AddrPortFrom(addr(9), 40000), Msg: many})
	if out := r.Poll(l.now); len(out) != 1 || out[0].To.Addr() != addr(9) {
		t.Errorf("another asker gets %d replies beside it, want one", len(out))
	}
	for i := range 1000 {
		r.Handle(l.now.Add(time.Millisecond), Heard{NIC: me + 1, From: netip.AddrPortFrom(addr(10+i%200), 40000), Msg: many})
	}
	if sent += len(r.Poll(l.now)); sent > maxReplies {
		t.Errorf("%d replies in a second to all, want %d at most", sent, maxReplies)
	}
	r.Handle(l.now.Add(time.Second), Heard{NIC: me + 1, From: netip.AddrPortFrom(addr(8), 40000), Msg: many})
	if len(r.Poll(l.now)) != 1 {
		t.Error("no reply in the next second")
	}
}

// Whoever was there first keeps the name; hosts and services take another.
func TestConflicts(t *testing.T) {
	l := newLAN(t, 6)
	w, _ := l.watcher(zre, 10)
	first, _ := l.responder("box", DefaultLifetime)
	l.add(first, "node")
	l.pass(5 * time.Second)
	second, _ := l.responder("BOX", DefaultLifetime)
	l.add(second, "Node", "other")
	l.pass(10 * time.Second)
	w.expect("Node (2)", "node")
	if a, b := first.host.label, second.host.label; a != "box" || b != "BOX-2" {
		t.Errorf("the hosts are %q and %q", a, b)
	}
	for _, f := range w.have {
		if want := map[string]string{"node": "box.local.", "Node (2)": "BOX-2.local."}[f.Instance]; f.Host != want {
			t.Errorf("%q is on %q, want %q", f.Instance, f.Host, want)
		}
	}
	third, _ := l.responder("another", DefaultLifetime)
	l.add(third, "node")
	l.pass(10 * time.Second)
	w.expect("Node (2)", "node", "node (3)")
}

// Hosts that begin together share the names out, whatever the order of their packets.
func TestSimultaneousProbes(t *testing.T) {
	for seed := range uint64(12) {
		l := newLAN(t, seed)
		l.quiet = true
		w, _ := l.watcher(zre, 20)
		var all []*Responder
		for range 5 {
			r, _ := l.responder("box", DefaultLifetime)
			l.add(r, "node")
			all = append(all, r)
		}
		l.pass(30 * time.Second)
		hosts := map[string]bool{}
		for _, r := range all {
			hosts[r.host.label] = true
			if _, announced := r.Label("node", zre); !announced {
				t.Errorf("seed %d: one was never announced", seed)
			}
		}
		if len(hosts) != 5 || len(w.have) != 5 {
			t.Errorf("seed %d: hosts %v, services %q", seed, hosts, w.names())
		}
	}
}

// Two hosts that could not hear each other and have the same name settle it when they can.
func TestConflictAfterPartition(t *testing.T) {
	l := newLAN(t, 7)
	first, a := l.responder("box", DefaultLifetime)
	l.add(first, "node")
	l.cut[a] = true
	l.pass(5 * time.Second)
	second, _ := l.responder("box", DefaultLifetime)
	l.add(second, "node")
	l.pass(5 * time.Second)
	l.cut[a] = false
	w, _ := l.watcher(zre, 10)
	l.pass(30 * time.Second)
	names := []string{first.host.label, second.host.label}
	slices.Sort(names)
	if names[0] == names[1] {
		t.Errorf("both hosts are called %q", names[0])
	}
	if len(w.have) != 2 {
		t.Errorf("found %q, want both under names of their own", w.names())
	}
}

// One who claims every name slows us down and gets no storm in return.
func TestClashesAreSlow(t *testing.T) {
	l := newLAN(t, 8)
	r, me := l.responder("box", DefaultLifetime)
	l.add(r, "node")
	claims := 0
	for range 60_000 / 50 {
		l.pass(50 * time.Millisecond)
		m := response()
		m.Answer = []dns.RR{&dns.SRV{Hdr: header(r.units[1].fullName(), dns.TypeSRV, 9, true), Port: 1, Target: "evil.local."}}
		r.Handle(l.now, Heard{NIC: me + 1, From: asker, Msg: m})
		claims++
	}
	if r.units[1].tries > 300 || len(r.clashes) > clashLimit {
		t.Errorf("%d names after %d claims; %d clashes remembered", r.units[1].tries, claims, len(r.clashes))
	}
	if probes := len(l.lines("?ANY node")); probes > 100 {
		t.Errorf("%d probes in a minute of %d claims", probes, claims)
	}
}

// Goodbyes take back what was said, and not what another service says as well.
func TestGoodbyes(t *testing.T) {
	l := newLAN(t, 9)
	r, _ := l.responder("box", DefaultLifetime)
	l.add(r, "one")
	l.add(r, "two")
	l.add(r, "late")
	l.pass(5 * time.Second)
	l.sent = nil
	r.Remove("one", zre)
	r.Remove("one", zre)
	l.pass(time.Second)
	if got := strings.Join(l.sent, ";"); got != "0 =PTR _zre._tcp.local. 0 =SRV one._zre._tcp.local. 0 =TXT one._zre._tcp.local. 0" {
		t.Errorf("said %q", got)
	}
	l.sent = nil
	l.add(r, "never announced")
	r.Bye()
	l.pass(time.Second)
	got := strings.Join(l.sent, ";")
	for _, want := range []string{"SRV two._zre._tcp.local. 0", "PTR _services._dns-sd._udp.local. 0", "A box.local. 0"} {
		if !strings.Contains(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	}
	if strings.Contains(got, "never") {
		t.Errorf("said goodbye to what nobody knew: %q", got)
	}
	if next := r.Next(); !next.IsZero() {
		t.Errorf("still busy until %v", next)
	}
}

func TestServiceChecks(t *testing.T) {
	l := newLAN(t, 10)
	r, _ := l.responder("box", DefaultLifetime)
	if _, err := NewResponder("", DefaultLifetime, l.random); err == nil {
		t.Error("a host without a name was accepted")
	}
	l.add(r, "node")
	if err := r.Add(l.now, Service{Instance: "node", Type: strings.ToUpper(zre), Port: 1}); err == nil {
		t.Error("the same service twice")
	}
	if err := r.Add(l.now, Service{Instance: "NODE", Type: zre, Port: 1}); err != nil {
		t.Error(err)
	}
	if label, _ := r.Label("NODE", zre); label != "NODE (2)" {
		t.Errorf("a name that differs only in case is %q", label)
	}
	if label, announced := r.Label("x", zre); label != "" || announced {
		t.Errorf("an unknown service is %q", label)
	}
	for _, text := range [][]string{{strings.Repeat("x", 256)}, slices.Repeat([]string{strings.Repeat("x", 200)}, 7)} {
		if err := r.Update(l.now, Service{Instance: "node", Type: zre, Text: text}); err == nil {
			t.Errorf("%d texts of %d bytes were accepted", len(text), len(text[0]))
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := queries([]dns.Question{question(zre, dns.TypePTR)}, nil)[0]
	if _, err := Decode(good); err != nil {
		t.Fatal(err)
	}
	for n := range len(good) {
		if _, err := Decode(good[:n]); err == nil && n != 12 { // a header alone is a message
			t.Errorf("the first %d bytes were read", n)
		}
	}
	with := func(at int, b byte) []byte {
		c := slices.Clone(good)
		c[at] = b
		return c
	}
	for what, b := range map[string][]byte{
		"opcode": with(2, 0x08), "rcode": with(3, 3), "counts": with(4, 0xFF), "records": with(6, 0x10), "long": make([]byte, MaxPacket+1), "nothing": nil,
	} {
		if _, err := Decode(b); err == nil {
			t.Errorf("%s was read", what)
		}
	}
}

// A packet that is written to cost the most is read at a bounded cost.
func TestDecodeCost(t *testing.T) {
	b := make([]byte, 12, MaxPacket)
	long := strings.Repeat("\x3f"+strings.Repeat("\xff", 63), 3) + "\x30" + strings.Repeat("\xff", 48) + "\x00"
	b = append(append(b, long...), 0, 12, 0, 1)
	for len(b)+6 <= MaxPacket {
		b = append(b, 0xC0, 12, 0, 12, 0, 1)
		b[5]++
		if b[5] == 0xFF {
			break
		}
	}
	const times = 10
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		Decode(b)
	}
	runtime.ReadMemStats(&after)
	allocated := (after.TotalAlloc - before.TotalAlloc) / times
	if allocated > 1<<20 {
		t.Errorf("%d bytes are allocated for a packet of %d", allocated, len(b))
	}
}

// Whatever arrives, both sides go on, remember a bounded amount, and send only what can
// be read.
func FuzzHandle(f *testing.F) {
	r, _ := NewResponder("box", DefaultLifetime, newLAN(&testing.T{}, 1).random)
	s := Service{Instance: "node", Type: zre, Port: 1, Text: []string{"k=v"}}
	u := &unit{label: "node", service: &s}
	for _, b := range slices.Concat(
		responses(append(s.shared("node", r.life), r.unique(u, nil)...), addresses("box.local.", []netip.Addr{addr(3)}, r.life)),
		queries([]dns.Question{question(zre, dns.TypePTR), question("node."+zre, dns.TypeANY)}, s.shared("node", r.life)),
		responses([]dns.RR{denial("box.local.", 9, dns.TypeA)}, nil),
	) {
		f.Add(b, uint16(Port))
		f.Add(b, uint16(40000))
	}
	f.Fuzz(func(t *testing.T, b []byte, port uint16) {
		m, err := Decode(b)
		if err != nil {
			return
		}
		l := newLAN(t, 1)
		l.quiet = true
		w, at := l.watcher(zre, 5)
		r, me := l.responder("box", DefaultLifetime)
		l.add(r, "node")
		l.pass(3 * time.Second)
		from := netip.AddrPortFrom(addr(9), port)
		for range 3 {
			r.Handle(l.now, Heard{NIC: me + 1, From: from, Msg: m.Copy()})
			w.Handle(l.now, Heard{NIC: at + 1, From: from, Msg: m.Copy()})
			l.pass(700 * time.Millisecond)
		}
		if i, h := w.Counts(); i > 5 || h > 5 {
			t.Errorf("%d instances and %d hosts", i, h)
		}
		if len(r.units) != 2 || fmt.Sprint(r.host.wanted) != "box" {
			t.Errorf("%d units", len(r.units))
		}
	})
}
