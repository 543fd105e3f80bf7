package zmq_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// SendBytes copies: the caller may reuse its buffers at once, whatever their size
// and whether there is a peer already.
func TestSendBytesCopies(t *testing.T) {
	over(t, func(k *kit) {
		for _, early := range []bool{true, false} {
			endpoint := k.endpoint()
			pull := k.open(zmq.Pull)
			push := k.connect(zmq.Push, endpoint)
			if !early {
				_, err := k.listen(pull, endpoint)
				k.ok(err)
				k.linked(pull, push)
			}
			sizes := []int{1, 100, 255, 256, 5000, 8192, 70_000}
			one, two := make([]byte, 70_000), make([]byte, 70_000)
			for i, n := range sizes {
				fill(one[:n], byte(i+1))
				fill(two[:n], byte(i+101))
				k.ok(push.SendBytes(k.ctx, one[:n], two[:n]))
				fill(one, 0xEE)
				fill(two, 0xEE)
			}
			if early {
				_, err := k.listen(pull, endpoint)
				k.ok(err)
			}
			for i, n := range sizes {
				m, err := pull.Recv(k.ctx)
				k.ok(err)
				if !allAre(m.Frames[0], n, byte(i+1)) || !allAre(m.Frames[1], n, byte(i+101)) {
					t.Fatalf("a message of 2x%d bytes was changed after SendBytes", n)
				}
			}
		}
	})
}

func fill(b []byte, c byte) {
	for i := range b {
		b[i] = c
	}
}

func allAre(b []byte, n int, c byte) bool {
	return len(b) == n && bytes.Count(b, []byte{c}) == n
}

// SendBytes to several subscribers, to a router, and through a request copies just
// as well.
func TestSendBytesCopiesForEveryPolicy(t *testing.T) {
	over(t, func(k *kit) {
		pub, endpoint := k.bound(zmq.Pub)
		subs := []*zmq.Socket{k.connect(zmq.Sub, endpoint), k.connect(zmq.Sub, endpoint)}
		for _, s := range subs {
			k.ok(s.Subscribe(""))
		}
		k.ok(pub.WaitSubscribers(k.ctx, "", 2))
		rep, req := k.pair(zmq.Rep, zmq.Req)
		router, endpoint := k.bound(zmq.Router)
		dealer := k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"))
		k.linked(router)
		for _, n := range []int{10, 9000} {
			b := make([]byte, n)
			check := func(send, recv *zmq.Socket, pre ...[]byte) {
				fill(b, 7)
				k.ok(send.SendBytes(k.ctx, append(pre, b)...))
				fill(b, 0xEE)
				m, err := recv.Recv(k.ctx)
				k.ok(err)
				if !allAre(m.Frames[m.Len()-1], n, 7) {
					t.Fatalf("%v to %v: %d bytes were changed after SendBytes", send.Type(), recv.Type(), n)
				}
			}
			check(pub, subs[0])
			m, err := subs[1].Recv(k.ctx)
			k.ok(err)
			if !allAre(m.Frames[0], n, 7) {
				t.Fatal("the second subscriber sees a changed message")
			}
			check(req, rep)
			check(rep, req)
			check(router, dealer, []byte("joe"))
		}
	})
}

// A received message is the receiver's: changing or growing a frame touches no
// other frame and no other message.
func TestFramesAreIndependent(t *testing.T) {
	over(t, func(k *kit) {
		pull, push := k.pair(zmq.Pull, zmq.Push)
		for i := range 10 {
			k.send(push, fmt.Sprint("a", i), fmt.Sprint("b", i))
		}
		k.until("they are there", func() bool { return pull.Stats().Unread == 10 })
		var all []msg.Msg
		for range 10 {
			m, err := pull.Recv(k.ctx)
			k.ok(err)
			m.Frames[0] = append(m.Frames[0], "overwritten"...)
			m.Frames = append(m.Frames, []byte("c"))
			all = append(all, m)
		}
		for i, m := range all {
			if want := []string{fmt.Sprint("a", i, "overwritten"), fmt.Sprint("b", i), "c"}; !same(text(m), want) {
				t.Errorf("got %q, want %q", text(m), want)
			}
		}
	})
}

// Release gives the buffer back; what other messages and clones hold is not
// touched. A race-detector build overwrites what was released.
func TestRelease(t *testing.T) {
	over(t, func(k *kit) {
		pull, push := k.pair(zmq.Pull, zmq.Push)
		var kept []msg.Msg
		for round := range 50 {
			for i := range 10 {
				k.ok(push.SendBytes(k.ctx, fmt.Append(nil, round, " ", i), make([]byte, 1000)))
			}
			for i := range 10 {
				m, err := pull.Recv(k.ctx)
				k.ok(err)
				if want := fmt.Sprint(round, " ", i); string(m.Frames[0]) != want {
					t.Fatalf("got %q, want %q", m.Frames[0], want)
				}
				switch i {
				case 3:
					kept = append(kept, m.Clone())
					m.Release()
				case 5:
					kept = append(kept, m)
				default:
					m.Release()
				}
				if i != 5 && (m.Len() != 0 || m.Frames != nil) {
					t.Fatal("a released message has frames")
				}
			}
		}
		for n, m := range kept {
			want := fmt.Sprint(n/2, " ", []int{3, 5}[n%2])
			if string(m.Frames[0]) != want || !allAre(m.Frames[1], 1000, 0) {
				t.Fatalf("message %q was changed by the release of others: %q", want, m.Frames[0])
			}
		}
		m := kept[0]
		m.Release()
		m.Release() // of an empty message: nothing
	})
}

// Frames of Alloc carry any size, are received whole, and may be passed on.
func TestAllocFrames(t *testing.T) {
	over(t, func(k *kit) {
		pull, push := k.pair(zmq.Pull, zmq.Push)
		for round := range 20 {
			for _, n := range []int{0, 1, 511, 512, 5000, 8192, 100_000, 1 << 20} {
				f := msg.Alloc(n)
				fill(f, byte(round+1))
				k.ok(push.Send(k.ctx, msg.New([]byte("head"), f)))
				m, err := pull.Recv(k.ctx)
				k.ok(err)
				if string(m.Frames[0]) != "head" || !allAre(m.Frames[1], n, byte(round+1)) {
					t.Fatalf("a pooled frame of %d bytes came damaged", n)
				}
				if round%2 == 0 {
					m.Release()
				}
			}
		}
	})
}

// A message that was received may be sent on, as it is or with other frames.
func TestForwardReceived(t *testing.T) {
	over(t, func(k *kit) {
		in, feeder := k.pair(zmq.Pull, zmq.Push)
		sink, out := k.pair(zmq.Pull, zmq.Push)
		go func() {
			for i := range 500 {
				if err := feeder.SendBytes(k.ctx, fmt.Append(nil, i), bytes.Repeat([]byte{byte(i)}, 100*(i%200))); err != nil {
					t.Error(err)
				}
			}
		}()
		go func() {
			for range 500 {
				m, err := in.Recv(k.ctx)
				if err != nil {
					t.Error(err)
					return
				}
				m.PushString("via")
				if err := out.Send(k.ctx, m); err != nil {
					t.Error(err)
				}
			}
		}()
		for i := range 500 {
			m, err := sink.Recv(k.ctx)
			k.ok(err)
			if string(m.Frames[0]) != "via" || string(m.Frames[1]) != fmt.Sprint(i) || !allAre(m.Frames[2], 100*(i%200), byte(i)) {
				t.Fatalf("message %d was damaged on its way", i)
			}
			m.Release()
		}
	})
}

// A message that was not sent stays the caller's.
func TestUnsentStaysTheCallers(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		push := k.open(zmq.Push)
		m := msg.New([]byte("a"), msg.Alloc(10_000))
		fill(m.Frames[1], 5)
		for range 3 {
			k.is(push.TrySend(m), zmq.ErrAgain)
		}
		k.ok(k.dial(push, endpoint))
		k.ok(push.Send(k.ctx, m))
		got, err := pull.Recv(k.ctx)
		k.ok(err)
		if string(got.Frames[0]) != "a" || !allAre(got.Frames[1], 10_000, 5) {
			t.Error("the message was changed by the calls that failed")
		}
	})
}
