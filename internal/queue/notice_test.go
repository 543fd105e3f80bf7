package queue

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// segmentOf is n messages of one frame each, as a reader would have found them.
func segmentOf(texts ...string) Segment {
	c := buf.NewChunk(1 << 10)
	b := c.B[:0]
	for _, t := range texts {
		b = append(wire.AppendHeader(b, 0, len(t)), t...)
	}
	c.Hold(len(texts) - 1)
	return Segment{Chunk: c, Data: b, N: len(texts)}
}

func taken(b *Inbox) (got []string) {
	for {
		m, ok, _ := b.Next(0)
		if !ok {
			return got
		}
		got = append(got, string(bytes.Join(m.Frames, []byte("/"))))
		m.Release()
	}
}

type quietOwner struct{}

func (quietOwner) Readable(*Pipe) {}
func (quietOwner) Writable(*Pipe) {}

// A notice stands behind what the peer sent before it and before what comes after, in
// whichever form its messages come, and is not held up by a high-water mark.
func TestNoticesKeepTheirPlace(t *testing.T) {
	origin := &buf.Origin{Peer: &buf.Peer{RemoteAddr: "there"}}
	notice := func(p *Pipe, text string) {
		if _, ok := p.In.PutNotice([]byte(text), origin); !ok {
			t.Error("refused")
		}
	}
	segments := func(p *Pipe, texts ...string) { p.In.PutSegment(segmentOf(texts...)) }
	messages := func(p *Pipe, texts ...string) {
		for _, s := range texts {
			p.In.PutMsg(msg.NewString(s))
		}
	}
	for name, put := range map[string]func(*Pipe, ...string){"segments": segments, "messages": messages} {
		for _, swap := range []int{0, 1, 2, 3} { // when the consumer looks for the first time
			p := New(quietOwner{}, Limits{RecvHWM: 1})
			var got []string
			for i, do := range []func(){
				func() { notice(p, "came") }, func() { put(p, "a", "b") },
				func() { notice(p, "went"); notice(p, "came") }, func() { put(p, "c"); notice(p, "") },
			} {
				do()
				if i == swap {
					got = append(got, taken(&p.In)...)
				}
			}
			got = append(got, taken(&p.In)...)
			if s := fmt.Sprintf("%q", got); s != `["came" "a" "b" "went" "came" "c" ""]` {
				t.Errorf("%s, first look after %d: %s", name, swap, s)
			}
			if n := p.In.Len(); n != 0 {
				t.Errorf("%d messages are left", n)
			}
		}
	}
}

func TestNoticeKnowsItsPeer(t *testing.T) {
	p := New(quietOwner{}, Limits{})
	p.In.PutNotice(bytes.Repeat([]byte("x"), 1000), &buf.Origin{Peer: &buf.Peer{RemoteAddr: "there"}})
	m, _, _ := p.In.Next(1)
	if len(m.Frames) != 2 || len(m.Frames[1]) != 1000 || m.Peer().RemoteAddr != "there" {
		t.Errorf("%d frames from %v", len(m.Frames), m.Peer())
	}
	p.In.Close()
	if _, ok := p.In.PutNotice(nil, nil); ok {
		t.Error("a closed inbox took a notice")
	}
}

// What leads goes out before everything that waits.
func TestLead(t *testing.T) {
	p := New(quietOwner{}, Limits{})
	p.Put(nil, [][]byte{[]byte("waits")}, false)
	p.Out.Lead(wire.Command{Kind: wire.Message, Data: []byte("hello")})
	if !p.Out.Attach(func() {}, false) {
		t.Fatal("there is nothing to write")
	}
	p.Out.Control(wire.Command{Kind: wire.Ping})
	var b Batch
	p.Out.Take(&b)
	if b.N != 1 || len(b.Control) != 2 || string(b.Control[0].Data) != "hello" {
		t.Errorf("%d messages, commands %v", b.N, b.Control)
	}
	p.Out.Detach()
	p.Out.Lead(wire.Command{Kind: wire.Message})
	p.Out.Detach()
	if p.Out.Attach(func() {}, false) {
		t.Error("what was led before a connection that failed is still there")
	}

	j := NewJoinable(quietOwner{}, Limits{})
	j.Put(nil, [][]byte{[]byte("waits")}, false)
	j.Out.First([]byte("hello"))
	far := NewJoinable(quietOwner{}, Limits{})
	far.SetOrigin(&buf.Origin{})
	j.SetOrigin(&buf.Origin{})
	Join(j, far)
	if got := fmt.Sprint(taken(&far.In)); got != "[hello waits]" {
		t.Error(got)
	}
}

// A queue that conflates holds the last message, however it came.
func TestConflate(t *testing.T) {
	for name, put := range map[string]func(*Inbox){
		"segments": func(b *Inbox) { b.PutSegment(segmentOf("a", "b")); b.PutSegment(segmentOf("c", "", "last")) },
		"messages": func(b *Inbox) { b.PutMsg(msg.NewString("a")); b.PutMsg(msg.NewString("last")) },
		"both":     func(b *Inbox) { b.PutMsg(msg.NewString("a")); b.PutSegment(segmentOf("x", "last")) },
	} {
		p := New(quietOwner{}, Limits{RecvHWM: 1, RecvBytes: 1, Conflate: true})
		for range 3 {
			put(&p.In)
			if p.In.Room() == 0 || p.In.Len() != 1 {
				t.Errorf("%s: room for %d, holds %d", name, p.In.Room(), p.In.Len())
			}
		}
		if got := taken(&p.In); len(got) != 1 || got[0] != "last" {
			t.Errorf("%s: %q", name, got)
		}
		if p.In.bytes != 0 || p.In.held != 0 {
			t.Errorf("%s: %d messages of %d bytes are left", name, p.In.held, p.In.bytes)
		}
	}
	for _, asMessages := range []bool{false, true} {
		p := New(quietOwner{}, Limits{SendHWM: 1, SendBytes: 1, Conflate: true})
		if asMessages {
			p.Out.HoldMessages()
		}
		p.Out.Lead(wire.Command{Kind: wire.Ping})
		for range 3 {
			if s, _ := p.Put(nil, [][]byte{bytes.Repeat([]byte("x"), 20_000)}, true); s != OK {
				t.Errorf("a Put is refused: %v", s)
			}
			if p.Status() != OK || p.Out.Pending() != 1 {
				t.Errorf("status %v with %d", p.Status(), p.Out.Pending())
			}
			if s, _ := p.Put(nil, [][]byte{[]byte("last"), []byte("one")}, false); s != OK {
				t.Errorf("a Put is refused: %v", s)
			}
		}
		p.Out.Attach(func() {}, asMessages)
		var b Batch
		p.Out.Take(&b)
		if b.N != 1 || len(b.Control) != 1 || b.Bytes != 7 {
			t.Errorf("asMessages %v: %d messages of %d bytes, %d commands", asMessages, b.N, b.Bytes, len(b.Control))
		}
		p.Out.Leave()
		if s, _ := p.Put(nil, [][]byte{{}}, true); s != Closed {
			t.Errorf("after Leave: %v", s)
		}
	}
}
