package majordomo

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// table is a core without a socket: what it sends and tells is written down.
type table struct {
	*testing.T
	core  *core
	stats BrokerStats
	now   time.Time
	out   []string
	gone  map[string]bool
}

func newTable(t *testing.T, opts ...Option) *table {
	c, err := newConfig(aBroker, opts)
	if err != nil {
		t.Fatal(err)
	}
	b := &table{T: t, now: time.Now(), gone: map[string]bool{}}
	b.core = newCore(c, &b.stats, func(to string, frames [][]byte) bool {
		if b.gone[to] {
			return false
		}
		b.out = append(b.out, to+"<"+show(frames))
		return true
	}, func(e Event) {
		why := ""
		for _, reason := range []error{ErrGone, ErrSilent, ErrExpired, ErrFull, ErrWorkers, ErrProtocol, ErrEnded} {
			if errors.Is(e.Err, reason) {
				why = " " + strings.TrimPrefix(reason.Error(), "majordomo: ")
			}
		}
		b.out = append(b.out, fmt.Sprintf("%v %s%s", e.Kind, e.Service, why))
	})
	return b
}

// show is a command in a form that can be read: C1 and W1 for the client's and worker's.
func show(frames [][]byte) string {
	text := make([]string, len(frames))
	for i, f := range frames {
		text[i] = string(f)
	}
	if len(text) > 1 && len(text[1]) == 1 {
		text[1] = fmt.Sprint(text[1][0])
	}
	return strings.NewReplacer(clientHeader+"|", "C", workerHeader+"|", "W").Replace(strings.Join(text, "|"))
}

// says has a peer say something, in the form of show, and compares what comes of it.
func (b *table) says(from, text string, want ...string) {
	b.Helper()
	frames := [][]byte{[]byte(from)}
	if text != "" {
		head := map[byte]string{'C': clientHeader, 'W': workerHeader}[text[0]]
		parts := strings.Split(text[1:], "|")
		frames = append(frames, []byte(head), []byte{parts[0][0] - '0'})
		for _, p := range parts[1:] {
			frames = append(frames, []byte(p))
		}
	} else {
		frames = append(frames, nil) // the connection has ended
	}
	b.core.handle(b.now, frames)
	b.expect(text, want...)
}

func (b *table) expect(after string, want ...string) {
	b.Helper()
	if got := strings.Join(b.out, "; "); got != strings.Join(want, "; ") {
		b.Errorf("after %q:\n got %s\nwant %s", after, got, strings.Join(want, "; "))
	}
	b.out = nil
}

func (b *table) pass(d time.Duration, want ...string) {
	b.Helper()
	b.now = b.now.Add(d)
	b.core.tick(b.now)
	b.expect(d.String(), want...)
}

// The frames of RFC 18, one conversation.
func TestConversation(t *testing.T) {
	b := newTable(t)
	b.says("c1", "C1|sum|1|2") // nobody is there: it waits
	b.says("w1", "W1|sum", "worker ready sum", "w1<W2|c1||1|2")
	b.says("w1", "W3|c1||half", "c1<C2|sum|half")
	b.says("w1", "W4|c1||3", "c1<C3|sum|3")
	b.says("w2", "W1|sum", "worker ready sum")
	b.says("c2", "C1|sum|a", "w1<W2|c2||a") // the one that has rested longest
	b.says("c3", "C1|sum|b", "w2<W2|c3||b")
	b.says("w2", "W6", "worker lost sum gone", "redelivered sum gone")
	b.says("w1", "W4|c2||A", "c2<C3|sum|A", "w1<W2|c3||b")
	b.says("w1", "W4|c3||B", "c3<C3|sum|B")
	if s := b.stats; s.Bytes != 0 || s.Queued != 0 || s.Busy != 0 || s.Workers != 1 || s.Answers != 3 || len(b.core.clients) != 0 {
		t.Errorf("%v", s)
	}
}

// RFC 8.
func TestManagementInterface(t *testing.T) {
	b := newTable(t)
	b.says("c", "C1|mmi.service|sum", "c<C3|mmi.service|404")
	b.says("w", "W1|sum", "worker ready sum")
	b.says("c", "C1|mmi.service|sum", "c<C3|mmi.service|200")
	b.says("c", "C1|mmi.other|sum", "c<C3|mmi.other|501")
	b.says("x", "W1|mmi.service", "x<W6")
}

// "The broker MUST respond to any valid but unexpected command by sending DISCONNECT", and
// drops what is not valid, with the worker that sent it.
func TestUnexpectedAndMalformed(t *testing.T) {
	b := newTable(t)
	b.says("w", "W5", "w<W6")                                    // a heartbeat of one that is not known: the broker is new
	b.says("w", "W4|c||x", "w<W6")                               // an answer to nothing
	b.says("w", "W6")                                            // a farewell of a stranger
	b.says("w", "W1|sum", "worker ready sum")                    //
	b.says("w", "W1|sum", "w<W6", "worker lost sum not MDP 0.2") // a second READY
	b.says("w", "W1|sum", "worker ready sum")
	b.says("victim", "C1|other|x")
	b.says("c", "C1|sum|x", "w<W2|c||x")
	b.says("w", "W4|victim||forged", "w<W6", "worker lost sum not MDP 0.2", "redelivered sum not MDP 0.2")
	b.says("w", "W1|sum", "worker ready sum", "w<W2|c||x")
	b.says("w", "W9", "malformed  not MDP 0.2", "worker lost sum not MDP 0.2", "redelivered sum not MDP 0.2")
	b.says("c", "C1|sum", "malformed  not MDP 0.2") // no body
	b.says("c", "C2|sum|x", "malformed  not MDP 0.2")
	b.says("c", "C1||x", "malformed  not MDP 0.2")
	b.says("c", "C1|"+strings.Repeat("x", 256)+"|x", "malformed  not MDP 0.2")
	for _, frames := range [][]string{{"c"}, {"c", "MDPC01", "\x01"}, {"c", "MDPW02"}, {"c", "", ""}} {
		m := make([][]byte, len(frames))
		for i := range m {
			m[i] = []byte(frames[i])
		}
		b.core.handle(b.now, m)
		b.expect(fmt.Sprintf("%q", frames), "malformed  not MDP 0.2")
	}
}

// A worker is lost by its silence, by the end of its connection, or because it takes
// nothing; its request goes on, until as many have had it as may.
func TestLostWorkers(t *testing.T) {
	b := newTable(t, WithHeartbeat(time.Second, 3), WithDeliveries(2))
	b.says("w1", "W1|sum", "worker ready sum")
	b.pass(time.Second, "w1<W5")
	b.says("w1", "W5")
	b.says("c", "C1|sum|x", "w1<W2|c||x")
	b.pass(time.Second, "w1<W5")
	b.pass(time.Second, "w1<W5")
	b.pass(500 * time.Millisecond)
	b.says("w2", "W1|sum", "worker ready sum")
	b.pass(500*time.Millisecond, "worker lost sum silent for too long", "redelivered sum silent for too long", "w2<W2|c||x")
	b.says("w2", "", "worker lost sum gone", "dropped sum lost with every worker that had it")
	b.says("w3", "W1|sum", "worker ready sum")
	b.gone["w3"] = true
	b.says("c", "C1|sum|y", "worker lost sum gone")
	b.says("w4", "W1|sum", "worker ready sum", "w4<W2|c||y")
	b.says("w4", "W3|c||part", "c<C2|sum|part")
	b.says("w5", "W1|sum", "worker ready sum")
	b.says("w4", "", "worker lost sum gone", "dropped sum lost with every worker that had it") // a part is out
}

// What waits is bounded in number, bytes and time, also for each client; what a client
// leaves behind is given back.
func TestBounds(t *testing.T) {
	b := newTable(t, WithQueue(8, 100), WithExpiry(10*time.Second))
	b.says("c1", "C1|sum|1")
	b.says("c1", "C1|sum|2")
	b.says("c1", "C1|sum|3", "dropped sum queue full") // a quarter of eight
	b.says("c2", "C1|sum|"+strings.Repeat("x", 26), "dropped sum queue full")
	b.says("c2", "C1|sum|"+strings.Repeat("x", 25))
	if s := b.stats; s.Queued != 3 || s.Bytes != 27 {
		t.Errorf("%v", s)
	}
	b.says("c1", "", "dropped sum gone", "dropped sum gone")
	if s := b.stats; s.Queued != 1 || s.Bytes != 25 {
		t.Errorf("%v", s)
	}
	b.pass(10*time.Second, "dropped sum no worker came in time")
	if s := b.stats; s.Queued != 0 || s.Bytes != 0 || s.Services != 0 || len(b.core.clients) != 0 {
		t.Errorf("%v", s)
	}
}

// After a part that the client did not take nothing comes: an answer with a hole looks whole.
func TestNoHolesInAnswers(t *testing.T) {
	b := newTable(t)
	b.says("w", "W1|sum", "worker ready sum")
	b.says("c", "C1|sum|x", "w<W2|c||x")
	b.says("w", "W3|c||1", "c<C2|sum|1")
	b.gone["c"] = true
	b.says("w", "W3|c||2", "dropped sum gone")
	b.gone["c"] = false
	b.says("w", "W3|c||3")
	b.says("w", "W4|c||4")
	b.says("c", "C1|sum|y", "w<W2|c||y")
}

// Whatever peers say in whatever order: the counters are those of what is there, and when
// all have left nothing is kept.
func TestAnyOrder(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		b := newTable(t, WithQueue(20, 200), WithHeartbeat(time.Second, 3), WithExpiry(5*time.Second))
		peers := []string{"a", "b", "c", "d", "e"}
		words := [][]byte{[]byte(clientHeader), []byte(workerHeader), {1}, {2}, {3}, {4}, {5}, {6}, []byte("sum"), []byte("mmi.service"), {}, []byte("a"), []byte("b")}
		for range 400 {
			from := []byte(peers[rng.IntN(len(peers))])
			b.gone[string(from)] = rng.IntN(10) == 0
			frames := [][]byte{from, words[rng.IntN(2)], words[2+rng.IntN(6)]}
			for range rng.IntN(4) {
				frames = append(frames, words[8+rng.IntN(5)])
			}
			if rng.IntN(10) == 0 {
				frames = frames[:1+rng.IntN(2)]
			}
			b.core.handle(b.now, frames)
			if rng.IntN(5) == 0 {
				b.now = b.now.Add(time.Duration(rng.IntN(2000)) * time.Millisecond)
				b.core.tick(b.now)
			}
			b.check(seed)
		}
		for _, p := range peers {
			b.core.left(b.now, p)
		}
		b.check(seed)
		if s := b.stats; len(b.core.workers)+len(b.core.clients)+len(b.core.services) != 0 || s.Bytes != 0 || s.Queued != 0 || s.Busy != 0 {
			t.Fatalf("seed %d: left over: %v", seed, s)
		}
	}
}

// check compares the counters with what is there.
func (b *table) check(seed uint64) {
	b.Helper()
	var queued, busy int
	var size int64
	for _, s := range b.core.services {
		for e := s.queue.Front(); e != nil; e = e.Next() {
			queued++
			size += e.Value.(*request).size
		}
		if s.queue.Len() > 0 && s.idle.Len() > 0 {
			b.Fatalf("seed %d: %d requests wait beside %d idle workers", seed, s.queue.Len(), s.idle.Len())
		}
	}
	for _, w := range b.core.workers {
		if w.busy != nil {
			busy++
			size += w.busy.size
		}
	}
	if s := b.stats; s.Queued != queued || s.Busy != busy || s.Bytes != size || s.Workers != len(b.core.workers) || s.Services != len(b.core.services) {
		b.Fatalf("seed %d: %v; there are %d queued, %d busy, %d bytes", seed, s, queued, busy, size)
	}
}

// What comes from the network never panics, and nothing is kept of it without bound.
func FuzzBroker(f *testing.F) {
	f.Add([]byte("aW\x01sum\nbC\x01sum|x\naW\x04b||y"))
	f.Add([]byte("aW\x01sum\n\nbC\x01mmi.service|x\nbC"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b := newTable(t, WithQueue(10, 1000))
		for line := range bytes.SplitSeq(data, []byte("\n")) {
			if len(line) == 0 {
				b.now = b.now.Add(time.Second)
				b.core.tick(b.now)
				continue
			}
			frames := [][]byte{line[:1]}
			if len(line) > 2 {
				head := workerHeader
				if line[1] == 'C' {
					head = clientHeader
				}
				frames = append(frames, []byte(head), line[2:3])
				frames = append(frames, bytes.Split(line[3:], []byte("|"))...)
			}
			b.core.handle(b.now, frames)
			b.check(0)
		}
		b.core.end()
	})
}
