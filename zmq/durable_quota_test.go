package zmq

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/buf"
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
	somePipe := queue.New(s.host(), queue.Limits{})
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
		p := queue.New(s.host(), queue.Limits{})
		s.peers.add(p, &peer{})
		info := &buf.Peer{Properties: map[string]string{propDurable: "name"}}
		if err := s.admit(p, newcomer{info: info}); err != nil {
			t.Fatal(err)
		}
		for i := range topics {
			if err := s.subscribed(p, fmt.Appendf(nil, "%04d", i), true); err != nil {
				t.Fatal(err)
			}
		}
		f.resume(p, 0, 0)
		st := streamOf(p)
		if got := st.target; got.topics != topics || got.topicBytes != 4*topics || st.topics.Len() != topics || f.index.Topics() != topics {
			t.Errorf("round %d: %d topics in %d bytes, %d known, %d in the index; want %d", round, got.topics, got.topicBytes, st.topics.Len(), f.index.Topics(), topics)
		}
		f.gone(p, peerOf(p))
	}
}
