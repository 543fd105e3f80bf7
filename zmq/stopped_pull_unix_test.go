//go:build unix

package zmq_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmq"
)

// A PULL is stopped with SIGSTOP until it counts as gone, and goes on when its connection has
// ended. The books balance: each message has come to it or to another one, and one that has
// come to both is marked. Over ipc a peer that has yet to read something never counts as gone.
func TestStoppedPull(t *testing.T) {
	k, size := alone(t, "tcp"), 64
	push, endpoint := k.bound(zmq.Push, zmq.WithRequeue(true), zmq.WithHeartbeat(pace(200*time.Millisecond), pace(400*time.Millisecond), 0),
		zmq.WithSendBuffer(32<<10), zmq.WithRecvBuffer(32<<10), zmq.WithLinger(ztest.Patience))
	survivor := k.joined(zmq.Pull, endpoint, zmq.WithRequeue(true), zmq.WithRecvHWM(0))
	victim := proc.Start(k, "requeue", endpoint, "", "")
	k.ok(push.WaitConnected(k.ctx, 2))
	sent := 0
	send := func(n int) {
		for range n {
			k.ok(push.SendBytes(k.ctx, numbered(sent, size)))
			sent++
		}
	}
	send(500)
	k.until("it has read something", func() bool { return len(victim.Output()) > 100*(size+1) })
	before := push.Stats().Disconnects
	k.ok(victim.Stop())
	send(300) // the kernels have room for that, and answer for it
	k.until("it counts as gone", func() bool { return push.Stats().Disconnects > before })
	send(100)
	k.ok(victim.Continue())

	own, marked := map[int]bool{}, map[int]bool{} // of the survivor
	its := func() map[int]bool {
		got := map[int]bool{}
		for text := victim.Output(); len(text) > size; text = text[size+1:] {
			i := int(binary.BigEndian.Uint32([]byte(text[:4])))
			if got[i] {
				k.Errorf("message %d came twice to the one that was stopped", i)
			}
			got[i] = true
		}
		return got
	}
	all := func() bool {
		for m, err := survivor.TryRecv(); err == nil; m, err = survivor.TryRecv() {
			i := int(binary.BigEndian.Uint32(m.Frames[0]))
			if own[i] && !m.Redelivered() {
				k.Errorf("message %d came twice, unmarked", i)
			}
			own[i] = true
			if m.Redelivered() {
				marked[i] = true
			}
			m.Release()
		}
		n := len(own)
		for i := range its() {
			if !own[i] {
				n++
			}
		}
		return n == sent
	}
	k.until("each has come", all)
	for i := range its() {
		if own[i] && !marked[i] {
			k.Errorf("message %d came to both, unmarked", i)
		}
	}
	st := push.Stats()
	if st.Drops.Total() != 0 || st.Sent != uint64(sent) {
		k.Errorf("%d sent: %+v", sent, st)
	}
	k.Logf("%d sent, %d handed on, %d marked", sent, st.Requeued, len(marked))
}

// A connection of a PUSH with WithRequeue is cut, byte by byte: what the peer has not got
// whole comes to the next one, and what comes to both is marked. Over ipc the kernel says
// what was not read, and of what was, 8 KiB are kept.
func TestRequeueIsCut(t *testing.T) {
	k := alone(t, "ipc")
	const n, size = 4, 40
	for off := 1; off < n*(size+2); off += ztest.Size(13, 1) { // at 0 nothing is written yet
		cutRequeued(k, n, size, off)
	}
}

func cutRequeued(k *kit, n, size, off int) {
	push, bound := k.bound(zmq.Push, zmq.WithRequeue(true))
	proxy, endpoint := k.behindProxy(bound)
	connect := func(endpoint string) *zmq.Socket {
		pull := k.joined(zmq.Pull, endpoint, zmq.WithRequeue(true), zmq.WithReconnectInterval(time.Hour, 0))
		k.ok(push.WaitConnected(k.ctx, 1))
		return pull
	}
	gone := func() { k.until("it is gone", func() bool { return push.Stats().Connected == 0 }) }
	k.ok(connect(endpoint).Close())
	gone()
	proxy.CutNext(ztest.Down, proxy.Passed(ztest.Down)+int64(off), off%2 == 1)
	first := connect(endpoint)
	sent := make(chan error, n)
	go func() { // those behind the cut wait for the next peer
		for i := range n {
			sent <- push.SendBytes(k.ctx, numbered(i, size))
		}
	}()
	gone()
	second := connect(bound)
	for range n {
		k.ok(<-sent)
	}
	times, marked := make([]int, n), make([]bool, n)
	for range n {
		m, err := second.Recv(k.ctx)
		k.ok(err)
		i := binary.BigEndian.Uint32(m.Frames[0])
		times[i]++
		marked[i] = m.Redelivered()
	}
	k.silent(second)
	for i, c := range times {
		if c != 1 {
			k.Errorf("cut at %d: message %d came %d times", off, i, c)
		}
	}
	for m, err := first.TryRecv(); err == nil; m, err = first.TryRecv() {
		if i := int(binary.BigEndian.Uint32(m.Frames[0])); !marked[i] || i >= off/(size+2) {
			k.Errorf("cut at %d: message %d came to both, marked: %v", off, i, marked[i])
		}
	}
	if d := push.Stats().Drops.Total(); d != 0 {
		k.Errorf("cut at %d: %d dropped", off, d)
	}
	k.ok(first.Close())
	k.ok(second.Close())
}
