package zmq_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmq"
)

// A PULL is killed with SIGKILL again and again while another one works and a PUSH sends on.
// What is lost with each is no more than what its process had received and not read, and what
// the kernels held: its high-water mark and two buffers. What was waiting goes to the other
// one. With WithRequeue what a kernel has not acknowledged goes there, too, and nothing comes
// twice without being marked.
func TestKilledPulls(t *testing.T) {
	for _, scheme := range []string{"tcp", "ipc"} {
		for _, requeue := range []bool{false, true} {
			name := scheme
			if requeue {
				name += ", requeue"
			}
			t.Run(name, func(t *testing.T) { killPulls(newKit(t, scheme), name, requeue) })
		}
	}
}

func killPulls(k *kit, name string, requeue bool) {
	const size, buffer = 64, 32 << 10
	push, endpoint := k.bound(zmq.Push, zmq.WithRequeue(requeue), zmq.WithSendBuffer(buffer), zmq.WithRecvBuffer(buffer), zmq.WithLinger(ztest.Patience))
	kills := ztest.Size(2, 100)
	got := map[int]int{} // how often each came
	marked := map[int]bool{}
	survivor := k.joined(zmq.Pull, endpoint, zmq.WithRequeue(requeue), zmq.WithRecvHWM(0))
	sent := 0
	send := func(n int) {
		for range n {
			k.ok(push.SendBytes(k.ctx, numbered(sent, size)))
			if sent++; sent%20 == 0 {
				time.Sleep(100 * time.Microsecond) // the pace of one that reads
			}
		}
	}
	drain := func() {
		for {
			m, err := survivor.TryRecv()
			if err != nil {
				return
			}
			i := int(binary.BigEndian.Uint32(m.Frames[0]))
			got[i]++
			marked[i] = marked[i] || m.Redelivered()
			m.Release()
		}
	}
	for range kills {
		what := k.scheme
		if requeue {
			what = "requeue"
		}
		victim := proc.Start(k, what, endpoint, "", "")
		k.ok(push.WaitConnected(k.ctx, 2))
		send(2000)
		k.until("it has read something", func() bool { return len(victim.Output()) > 100*(size+1) })
		send(200)
		victim.Kill()
		send(200)
		for text := victim.Output(); len(text) > size; text = text[size+1:] {
			got[int(binary.BigEndian.Uint32([]byte(text[:4])))]++
		}
		k.until("its connection is gone", func() bool { return push.Stats().Connected == 1 })
		drain()
	}
	k.until("all is written", func() bool { return push.Stats().Queued == 0 })
	k.until("nothing more comes", k.steady(func() int { drain(); return len(got) }))
	lost, doubled := sent-len(got), 0
	for i, n := range got {
		if n > 1 {
			doubled++
			if !marked[i] {
				k.Errorf("message %d came %d times, unmarked", i, n)
			}
		}
	}
	// Linux doubles what it is asked for; the victim's own buffers are the system's.
	const systems = 6 << 20
	if most := kills * (1000 + (2*buffer+systems)/size); lost > most {
		k.Errorf("%d lost with %d kills, at most %d are explained", lost, kills, most)
	}
	if drops := push.Stats().Drops; requeue && drops.Total() != 0 {
		k.Errorf("dropped: %+v", drops)
	}
	ztest.Record(k, "A14", name, "%d kills: %.1f lost a kill, %.2f %% came twice (marked)", kills, float64(lost)/float64(kills), 100*float64(doubled)/float64(sent))
}
