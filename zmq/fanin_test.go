package zmq_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// fanInPeers are PUSH sockets with a number each, which is all that they send, as
// fast as they can, until the test ends.
func fanInPeers(t *testing.T, k *kit, endpoint string, n int) {
	ctx, stop := context.WithCancel(k.ctx)
	var senders sync.WaitGroup
	t.Cleanup(func() { stop(); senders.Wait() })
	for i := range n {
		push := k.connect(zmq.Push, endpoint)
		senders.Go(func() {
			for push.Send(ctx, msg.New([]byte{byte(i)})) == nil {
			}
		})
	}
}

// fanInShares takes so many messages for each peer, and counts what each one gets.
func fanInShares(k *kit, pull *zmq.Socket, peers, each int) []int {
	got := make([]int, peers)
	for range peers * each {
		m, err := pull.Recv(k.ctx)
		k.ok(err)
		got[m.Frames[0][0]]++
		m.Release()
	}
	return got
}

// As long as everybody has something, everybody gets the same, but for the turn
// that is going on.
func TestFanInOfFullQueues(t *testing.T) {
	over(t, func(k *kit) {
		const peers, each, turn = 7, 700, 16
		pull, endpoint := k.bound(zmq.Pull)
		fanInPeers(t, k, endpoint, peers)
		k.until("each has as many", func() bool {
			list := pull.Peers()
			return len(list) == peers && !slices.ContainsFunc(list, func(p zmq.PeerInfo) bool { return p.Unread < each })
		})
		got := fanInShares(k, pull, peers, each)
		if slices.Max(got)-slices.Min(got) > turn {
			t.Errorf("%v messages, want about %d of each", got, each)
		}
	})
}

// Of peers that send as fast as they can, none gets less than four fifths of the
// mean. A machine that is busy with something else may favour one for a while.
func TestFanInShares(t *testing.T) {
	over(t, func(k *kit) {
		const peers, each, tries = 5, 1000, 20
		pull, endpoint := k.bound(zmq.Pull)
		fanInPeers(t, k, endpoint, peers)
		k.ok(pull.WaitConnected(k.ctx, peers))
		var got []int
		for range tries {
			if got = fanInShares(k, pull, peers, each); slices.Min(got) >= each*4/5 {
				return
			}
		}
		t.Errorf("%v messages in the last of %d tries, want at least %d of each", got, tries, each*4/5)
	})
}
