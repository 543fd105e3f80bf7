package mesh

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/gossip/internal/frame"
)

// tap is a Host that keeps the bytes that are sent on each link.
type tap struct{ sent map[Link][]string }

func (p *tap) Send(id Link, b []byte) bool {
	p.sent[id] = append(p.sent[id], hex.EncodeToString(b))
	return true
}
func (p *tap) Redial(Link, time.Duration) {}
func (p *tap) Changed(string)             {}
func (p *tap) Refused(Link, Refusal)      {}

// A czmq peer is sent what czmq sends, byte by byte, whatever happens to tuples: a
// deletion and the end of a time to live are not told, since zyre in C crashes when a
// tuple has an empty value.
func TestPlainBytes(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	host := &tap{map[Link][]string{}}
	m := New(labConfig(), host)
	pass := func(d time.Duration) {
		for end := now.Add(d); now.Before(end); now = now.Add(10 * time.Millisecond) {
			if next := m.Next(); !next.IsZero() && !next.After(now) {
				m.Tick(now)
			}
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	hear := func(id Link, f frame.Message) { m.Receive(now, id, bytesOf(t, f)) }
	const client, hub, ours = 1, 2, 3
	m.Accept(now, client, "a")
	m.Accept(now, ours, "b")
	m.Dial(hub)
	m.Linked(now, hub)
	hear(client, frame.Message{Kind: frame.Hello})
	hear(ours, frame.Message{Kind: frame.Hello, Ours: true})
	hear(hub, frame.Message{Kind: frame.Publish, Key: "hubs", Value: "1"})
	hear(hub, frame.Message{Kind: frame.Pong})
	pass(time.Second)
	must(m.Put(now, "k", "v", 0))
	must(m.Put(now, "short", "x", 2*time.Second))
	for range 40 { // longer than the time to live, and than deletions are remembered
		hear(client, frame.Message{Kind: frame.Ping})
		if len(host.sent[hub]) > 0 {
			hear(hub, frame.Message{Kind: frame.Pong})
		}
		pass(200 * time.Millisecond)
	}
	m.Delete(now, "k")
	m.Delete(now, "hubs")
	hear(ours, frame.Message{Kind: frame.Publish, Key: "theirs", Value: "2", Ours: true, Number: 5, TTL: 9})
	hear(ours, frame.Message{Kind: frame.Publish, Key: "theirs", Ours: true, Deleted: true, Number: 6})
	hear(client, frame.Message{Kind: frame.Hello}) // a second one
	hear(client, frame.Message{Kind: frame.Hello})
	hear(hub, frame.Message{Kind: frame.Invalid})
	hear(hub, frame.Message{Kind: frame.Pong})
	hear(hub, frame.Message{Kind: frame.Pong})
	pass(time.Second)

	publish := func(key, value string) string {
		return hex.EncodeToString(append(append(append([]byte{0xAA, 0xA0, 2, 1, byte(len(key))}, key...), 0, 0, 0, byte(len(value))), append([]byte(value), 0, 0, 0, 0)...))
	}
	allowed := map[string]bool{
		"aaa00301": true, "aaa00401": true, "aaa00501": true,
		publish("k", "v"): true, publish("short", "x"): true, publish("hubs", "1"): true, publish("theirs", "2"): true,
	}
	count := map[string]int{}
	for _, id := range []Link{client, hub} {
		for i, b := range host.sent[id] {
			count[fmt.Sprint(id, b)]++
			// What begins a session with a hub asks whether it knows versions, in bytes
			// behind the message that czmq does not read.
			asks := id == hub && len(b) == 32 && (b[:14] == "aaa001015a5801" || b[:14] == "aaa003015a5801" && host.sent[hub][i-1][:8] == "aaa00101")
			if !allowed[b] && !asks {
				t.Errorf("link %d was sent %s, which czmq does not send", id, b)
			}
		}
	}
	sessions := map[Link]int{client: 1, hub: strings.Count(strings.Join(host.sent[hub], " "), "aaa00101")}
	for id, most := range sessions {
		for _, b := range []string{publish("k", "v"), publish("short", "x"), publish("theirs", "2")} {
			if n := count[fmt.Sprint(id, b)]; n < 1 || n > most {
				t.Errorf("link %d was sent %s %d times in %d sessions", id, b, n, most)
			}
		}
	}
	if n := strings.Count(strings.Join(host.sent[ours], " "), "5a580101"); n != 2 {
		t.Errorf("the zactor was sent %d deletions, want those of k and hubs: %v", n, host.sent[ours])
	}
	m.check(t)
}

// A tuple that ends stays with the czmq hub, and is not taken back from there; a write
// there is a new one, whatever the hub had before.
func TestDeletedAtPlainHub(t *testing.T) {
	l := newLab(t, 7)
	hub, a := l.czmq("hub"), l.node("a")
	up := l.connect(a, hub)
	l.pass(time.Second)
	if err := a.mesh.Put(a.time(), "k", "v", 2*time.Second); err != nil {
		t.Fatal(err)
	}
	l.pass(3 * time.Second)
	if a.tuples() != "map[]" || hub.tuples() != "map[k:v]" {
		t.Fatalf("a has %s, the hub %s", a.tuples(), hub.tuples())
	}
	l.cut(up)
	l.pass(time.Second)
	hub.put("k", "new")
	l.plug(up)
	if got := l.agree(5 * time.Second); got != "map[k:new]" {
		t.Errorf("all have %s", got)
	}
}
