package zmq

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/durable"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
)

// A user with many durable names costs others none of theirs: at the quota it loses
// its own, those that are away for longest first; when all places are taken the user
// with most names does.
func TestDurableQuota(t *testing.T) {
	s, err := NewPub(context.Background(), WithDurableBounds(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := s.tx.(*pub)
	all, clock := &f.streams.names, time.Now()
	come := func(user string, name any) {
		t.Helper()
		clock = clock.Add(time.Second)
		s.sendMu.Lock()
		defer s.sendMu.Unlock()
		st, err := f.streamFor(streamName{Owner: principal{user: user}, Text: fmt.Sprint(name)}, s.opts.get())
		if err != nil {
			t.Fatal(err)
		}
		st.leftAt = clock
	}
	has := func(user string, name any) bool {
		_, ok := all.Get(streamName{Owner: principal{user: user}, Text: fmt.Sprint(name)})
		return ok
	}
	come("alice", "a")
	for i := range maxUserStreams + 1 {
		come("mallory", i)
	}
	if !has("alice", "a") || has("mallory", 0) || !has("mallory", 1) || !has("mallory", maxUserStreams) || len(all.All()) != maxUserStreams+1 {
		t.Errorf("after mallory's quota: %d streams, alice's is there: %v", len(all.All()), has("alice", "a"))
	}
	for i := 0; len(all.All()) < maxStreams; i++ {
		come(fmt.Sprint("user", i/500), i)
	}
	come("bob", "b")
	if !has("alice", "a") || !has("bob", "b") || has("mallory", 1) || len(all.All()) != maxStreams {
		t.Errorf("when all places are taken: %d streams, alice's: %v, bob's: %v, mallory's oldest: %v",
			len(all.All()), has("alice", "a"), has("bob", "b"), has("mallory", 1))
	}
	somePipe := queue.New(&handler{s: s}, queue.Limits{})
	stay := func() { // those that are there are not forgotten
		for name, st := range all.All() {
			if name.Owner.user == "mallory" {
				st.holder = somePipe
			}
		}
	}
	stay()
	come("mallory", "in the place of her oldest")
	stay()
	s.sendMu.Lock()
	_, err = f.streamFor(streamName{Owner: principal{user: "mallory"}, Text: "one more"}, s.opts.get())
	s.sendMu.Unlock()
	if err == nil {
		t.Error("a user all of whose names are there got one more than the quota")
	}
}

// Topics that a durable subscriber does not tell again, when it comes back, are forgotten
// and are none of those that it may have.
func TestDurableForgottenTopics(t *testing.T) {
	s, err := NewPub(context.Background(), WithDurableBounds(10, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := s.tx.(*pub)
	const all, told = 3*removeAtOnce + 7, 5
	for round, topics := range []int{all, told} {
		p := queue.New(&handler{s: s}, queue.Limits{})
		s.peers.add(p, &peer{})
		info := &buf.Peer{Properties: map[string]string{propDurable: "name"}}
		if err := s.admit(p, &link.Peer{Info: info}); err != nil {
			t.Fatal(err)
		}
		for i := range topics {
			if err := s.subscribed(p, fmt.Appendf(nil, "%04d", i), true); err != nil {
				t.Fatal(err)
			}
		}
		f.resume(p, 0, 0)
		st := streamOf(p)
		if got := st.target; got.topics != topics || got.topicBytes != 4*topics || st.told.topics != topics || f.index.Topics() != topics {
			t.Errorf("round %d: %d topics in %d bytes, %d known, %d in the index; want %d", round, got.topics, got.topicBytes, st.told.topics, f.index.Topics(), topics)
		}
		f.gone(p, peerOf(p))
	}
}

// A durable subscriber that comes back with other topics may have as many as before, while
// those of before are still there; beyond that it is refused, also when it comes again and
// again and never says that it has told all.
func TestDurableOtherTopics(t *testing.T) {
	s, err := NewPub(context.Background(), WithDurableBounds(10, 0, 0), WithMaxTopic(0))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := s.tx.(*pub)
	const size, all = 1 << 20, maxTopicBytes >> 20
	round := func(name string, resumes bool, want int) {
		t.Helper()
		p := queue.New(&handler{s: s}, queue.Limits{})
		s.peers.add(p, &peer{})
		info := &buf.Peer{Properties: map[string]string{propDurable: "name"}}
		if err := s.admit(p, &link.Peer{Info: info}); err != nil {
			t.Fatal(err)
		}
		f.greet(p)
		topic := make([]byte, size)
		for i := range all + 1 {
			copy(topic, fmt.Sprint(name, i, " "))
			if err := s.subscribed(p, topic, true); err != nil {
				t.Fatal(err)
			}
		}
		if resumes {
			f.resume(p, 0, 0)
		}
		if n := f.index.Topics(); n != want || streamOf(p).target.topicBytes != want*size {
			t.Errorf("%s: %d topics in %d bytes, want %d", name, n, streamOf(p).target.topicBytes, want)
		}
		f.gone(p, peerOf(p))
		s.peers.remove(p)
	}
	round("first", true, all)
	round("second", true, all)
	round("third", false, 2*all)
	round("fourth", false, 2*all)
	round("fifth", true, all)
}

// The program of an XPUB hears of what a durable subscriber does not tell again, of each
// topic once, and of none that others have or that it has told again.
func TestDurableTellsWhatEnded(t *testing.T) {
	c := newCrowded(t, XPub, WithDurableBounds(10, 0, 0))
	f := c.s.tx.(*xpub)
	c.come("other", 0)
	come := func(topics ...string) *queue.Pipe {
		p := queue.New(&handler{s: c.s}, queue.Limits{})
		pr := &peer{pipe: p}
		pr.sub.Value = pr
		c.s.peers.add(p, pr)
		info := &buf.Peer{Properties: map[string]string{propDurable: "name"}}
		if err := c.s.admit(p, &link.Peer{Info: info}); err != nil {
			t.Fatal(err)
		}
		f.greet(p)
		for _, topic := range topics {
			if err := c.s.subscribed(p, []byte(topic), true); err != nil {
				t.Fatal(err)
			}
		}
		f.resume(p, 0, 0)
		return p
	}
	heard := func(step, want string) {
		t.Helper()
		var got []string
		c.heed(100, func(report []byte) { got = append(got, string(report)) })
		slices.Sort(got)
		if s := fmt.Sprintf("%q", got); s != want {
			t.Errorf("%s: told %s, want %s", step, s, want)
		}
	}
	p := come("a", "b", "c")
	heard("it comes", `["\x01a" "\x01b" "\x01c"]`)
	c.leave(p)
	heard("it is away", "[]")
	p = come("b", "d")
	heard("it is back", `["\x00a" "\x00c" "\x01d"]`)
	if err := c.s.subscribed(p, []byte("b"), false); err != nil {
		t.Fatal(err)
	}
	heard("it cancels one", `["\x00b"]`)
}

// What those that are away have subscribed to is bounded for all of them, the memory of
// those that give way comes back, and neither that nor a subscriber that comes back with
// other topics holds the lock for more than some topics at a time.
func TestDurableAwayTopics(t *testing.T) {
	s, err := NewPub(context.Background(), WithDurableBounds(10, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := s.tx.(*pub)
	const topics = 50_000
	f.streams.names = durable.NewNames[principal, *durableStream](durable.Quota{
		All: maxStreams, Owner: maxUserStreams, AwayTopics: topics, AwayBytes: maxTopicBytes,
	})
	rounds := 0
	come := func(name string, topics int) (leave func()) {
		rounds++
		p := queue.New(&handler{s: s}, queue.Limits{})
		s.peers.add(p, &peer{})
		info := &buf.Peer{UserID: name, Properties: map[string]string{propDurable: name}}
		if err := s.admit(p, &link.Peer{Info: info}); err != nil {
			t.Fatal(err)
		}
		f.greet(p)
		for i := range topics {
			if err := s.subscribed(p, fmt.Appendf(nil, "%s%d.%06d", name, rounds, i), true); err != nil {
				t.Fatal(err)
			}
		}
		f.resume(p, 0, 0)
		return func() {
			f.gone(p, peerOf(p))
			s.peers.remove(p)
		}
	}
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	steps := func(what string, fn func()) {
		t.Helper()
		before := f.streams.yields
		fn()
		if n := f.streams.yields - before; n < topics/removeAtOnce-1 {
			t.Errorf("%s: the lock was given up %d times for %d topics", what, n, topics)
		}
	}
	empty := heap()
	come("a", topics)()
	full := heap() - empty
	if f.index.Topics() != topics {
		t.Fatalf("%d topics of one that is away and alone", f.index.Topics())
	}
	const others = 2 * removeAtOnce // or the one would go in one go
	leave := come("b", others)
	steps("one gives way", leave)
	if n := f.index.Topics(); n != others || len(f.streams.dead) != 0 {
		t.Errorf("%d topics are left, want the other's %d", n, others)
	}
	if left := heap() - empty; left > full/6 {
		t.Errorf("%d bytes of %d are left", left, full)
	}
	come("b", topics)()
	steps("one comes back with other topics", func() { leave = come("b", others) })
	if n := f.index.Topics(); n != others {
		t.Errorf("%d topics are left, want %d", n, others)
	}
	if left := heap() - empty; left > full/3 {
		t.Errorf("%d bytes of %d are left of a subscriber that came back", left, full)
	}
	leave()
}
