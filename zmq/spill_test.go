package zmq_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// errDisk is what a disk says that does not work.
var errDisk = errors.New("the disk does not work")

// speaker is a socket that sends each message through its swap, and its peer.
type speaker struct {
	*kit
	from, to *zmq.Socket
	disk     *stuckDisk
	next     func(body string) msg.Msg       // a message to the peer, when it is this side's turn
	taken    func(from *zmq.Socket) []string // what the peer has got, and has answered where that is its turn
}

// swapSpeakers are the types that send to one of their peers, which they have chosen before
// the disk is asked. (PUSH has more in swap_test.go, PUB in swap_disk_test.go.)
var swapSpeakers = map[string]func(k *kit, opts ...zmq.Option) *speaker{
	"PUSH":   func(k *kit, opts ...zmq.Option) *speaker { return k.speaker(zmq.Push, zmq.Pull, opts) },
	"DEALER": func(k *kit, opts ...zmq.Option) *speaker { return k.speaker(zmq.Dealer, zmq.Dealer, opts) },
	"PAIR":   func(k *kit, opts ...zmq.Option) *speaker { return k.speaker(zmq.Pair, zmq.Pair, opts) },
	"CLIENT": func(k *kit, opts ...zmq.Option) *speaker { return k.speaker(zmq.Client, zmq.Server, opts) },
	"SERVER": func(k *kit, opts ...zmq.Option) *speaker {
		x := k.speaker(zmq.Server, zmq.Client, opts)
		x.next = func(body string) msg.Msg {
			m := msg.NewString(body)
			addressTo(k, x.from, &m)
			return m
		}
		return x
	},
	"ROUTER": func(k *kit, opts ...zmq.Option) *speaker {
		x := k.speaker(zmq.Router, zmq.Dealer, opts)
		x.next = func(body string) msg.Msg { return msg.NewString("peer", body) }
		return x
	},
	"REQ": func(k *kit, opts ...zmq.Option) *speaker {
		x := k.speaker(zmq.Req, zmq.Rep, opts)
		x.taken = func(s *zmq.Socket) []string {
			got := k.recv(s)
			k.send(s, "answer")
			k.want(x.from, "answer")
			return got
		}
		return x
	},
	"REP": func(k *kit, opts ...zmq.Option) *speaker {
		x := k.speaker(zmq.Rep, zmq.Req, opts)
		ask := func() {
			k.send(x.to, "question")
			k.want(x.from, "question")
		}
		ask()
		x.taken = func(s *zmq.Socket) []string {
			got := k.recv(s)
			ask()
			return got
		}
		return x
	},
	"STREAM": func(k *kit, opts ...zmq.Option) *speaker {
		x := k.speaker(zmq.Stream, zmq.Stream, opts)
		id := k.recv(x.from)[0]
		k.recv(x.to)
		x.next = func(body string) msg.Msg { return msg.NewString(id, body) }
		x.taken = func(s *zmq.Socket) []string { return k.recv(s)[1:] }
		return x
	},
}

// speaker links a socket, which has a swap for the peer that it has dialled, with a bound one.
func (k *kit) speaker(from, to zmq.Type, opts []zmq.Option) *speaker {
	k.Helper()
	x := &speaker{kit: k, disk: newStuckDisk(), next: func(body string) msg.Msg { return msg.NewString(body) }, taken: k.recv}
	k.zctx.SetDisk(x.disk)
	named := []zmq.Option{}
	if to == zmq.Dealer {
		named = append(named, zmq.WithRoutingID("peer"))
	}
	endpoint := ""
	x.to, endpoint = k.bound(to, named...)
	x.from = k.open(from, append([]zmq.Option{zmq.WithSwap(k.TempDir(), 0), zmq.WithSwapSync(true)}, opts...)...)
	k.ok(k.dial(x.from, endpoint))
	k.linked(x.from, x.to)
	return x
}

func eachSpeaker(t *testing.T, play func(x *speaker)) {
	for name, open := range swapSpeakers {
		t.Run(name, func(t *testing.T) {
			wire := networked
			if name == "STREAM" {
				wire = func(t *testing.T, fn func(k *kit)) { fn(alone(t, "tcp")) }
			}
			wire(t, func(k *kit) { play(open(k)) })
		})
	}
}

// A disk that refuses a message is an error of Send, which has had no effect then: the turn
// is whose it was, nothing counts as sent, and the next one goes.
func TestDiskRefusesOfEachType(t *testing.T) {
	eachSpeaker(t, func(x *speaker) {
		send := func(body string) error { return x.from.Send(x.ctx, x.next(body)) }
		x.ok(send("one"))
		if got := x.taken(x.to); got[0] != "one" {
			x.Fatalf("got %q", got)
		}
		turn, sent := x.from.Turn(), x.from.Stats().Sent
		x.disk.breaks(errDisk)
		for range 2 {
			err := send("refused")
			x.is(err, zmq.ErrSwap)
			x.is(err, errDisk)
		}
		x.is(x.from.TrySend(x.next("refused")), zmq.ErrSwap)
		n, err := x.from.SendBatch(x.ctx, []msg.Msg{x.next("refused"), x.next("refused")})
		if x.is(err, zmq.ErrSwap); n != 0 {
			x.Errorf("%d of a batch count as sent", n)
		}
		if st := x.from.Stats(); x.from.Turn() != turn || st.Sent != sent || st.Drops.Total() != 0 {
			x.Errorf("the turn is %v, want %v; %d sent, want %d; drops %v", x.from.Turn(), turn, st.Sent, sent, st.Drops)
		}
		x.disk.breaks(nil)
		x.ok(send("two"))
		if got := x.taken(x.to); got[0] != "two" {
			x.Fatalf("got %q", got)
		}
		x.silent(x.to)
	})
}

// While the disk takes its time over an answer it is nobody's turn at a REP: a second answer
// would have no request, and another request would be answered by the first one's. What the
// disk refuses then is still to be answered, by whom it was asked.
func TestDiskIsSlowForAReply(t *testing.T) {
	networked(t, func(k *kit) {
		for _, works := range []bool{true, false} {
			x := swapSpeakers["REP"](k)
			other, endpoint := k.bound(zmq.Req)
			k.ok(k.dial(x.from, endpoint))
			k.ok(x.from.WaitConnected(k.ctx, 2))
			x.disk.arm(func(_, call string) bool { return call == "write" })
			release := sync.OnceFunc(func() { close(x.disk.release) })
			defer release() // when it fails, too
			sent := make(chan error, 1)
			go func() { sent <- x.from.SendString(k.ctx, "answer") }()
			<-x.disk.waiting
			k.send(other, "the other's")
			k.until("it has come", func() bool { return x.from.Stats().Unread == 1 })
			_, err := x.from.TryRecv()
			k.is(err, zmq.ErrState)
			k.is(x.from.TrySend(msg.NewString("a second answer")), zmq.ErrState)
			if turn := x.from.Turn(); turn != 0 {
				k.Errorf("it is the turn of %v", turn)
			}
			x.disk.arm(nil)
			if !works {
				x.disk.breaks(errDisk)
			}
			release()
			if err := k.result(sent); works {
				k.ok(err)
			} else {
				k.is(err, zmq.ErrSwap)
				x.disk.breaks(nil)
				k.send(x.from, "answer")
			}
			k.want(x.to, "answer")
			k.want(x.from, "the other's")
			k.send(x.from, "for the other")
			k.want(other, "for the other")
		}
	})
}
