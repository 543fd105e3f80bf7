//go:build interop

package interop

import (
	"testing"
	"time"
)

// sequence is long enough to fill every buffer on the way many times over.
const sequence = 100_000

// Nothing is lost, doubled or out of order under load.
func TestSequence(t *testing.T) {
	eachTransport(t, func(t *testing.T, by pair, endpoint string) {
		for _, size := range []int{8, 300} {
			push, pull := by.left.open(t, "PUSH", setup{}), by.right.open(t, "PULL", setup{})
			push.connect(pull.bind(endpoint))
			sent := push.sendSeq(0, sequence, size)
			pull.recvSeq(0, sequence)()
			sent()
			push.close()
			pull.close()
		}
	})
}

// The sender closes right after its last send; linger delivers the rest.
func TestLinger(t *testing.T) {
	for _, load := range []struct {
		name    string
		n, size int
	}{
		{"small", 1000, 100},
		{"beyond the kernel's buffers", 500, 100_000},
	} {
		t.Run(load.name, func(t *testing.T) {
			eachTransport(t, func(t *testing.T, by pair, endpoint string) {
				pull := by.right.open(t, "PULL", setup{})
				push := by.left.open(t, "PUSH", setup{linger: patience})
				push.connect(pull.bind(endpoint))
				received := pull.recvSeq(0, load.n)
				push.sendSeq(0, load.n, load.size)()
				push.close()
				received()
			})
		})
	}
}

// The same where the receiver is not there yet when the sender closes.
func TestLingerForLatePeer(t *testing.T) {
	eachTransport(t, func(t *testing.T, by pair, endpoint string) {
		endpoint = vacant(t, endpoint)
		push := by.left.open(t, "PUSH", setup{linger: patience})
		push.connect(endpoint)
		push.sendSeq(0, 100, 100)()
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			push.close()
		}()
		pull := by.right.open(t, "PULL", setup{})
		pull.bind(endpoint)
		pull.recvSeq(0, 100)()
		select {
		case <-closed:
		case <-time.After(patience):
			t.Fatal("close goes on after the last message was delivered")
		}
	})
}

// A multipart message cut by the sender's death is not delivered in part, and
// the next sender's messages are.
func TestCutMessage(t *testing.T) {
	eachTransport(t, func(t *testing.T, by pair, endpoint string) {
		pull := by.right.open(t, "PULL", setup{})
		bound := pull.bind(endpoint)
		big := []frame{sized(1, 1), sized(8<<20, 2), sized(1, 3)}
		for range 3 {
			push := by.left.fresh(t).open(t, "PUSH", setup{})
			push.connect(bound)
			push.send(raw("whole"))
			expect(t, pull, raw("whole"))
			push.send(big...)
			push.crash()
		}
		last := by.left.open(t, "PUSH", setup{})
		last.connect(bound)
		last.send(raw("end"))
		eventually(t, "the last message", func() bool {
			m := take(t, pull)
			if !m.equal(big) && !m.equal([]frame{raw("end")}) {
				t.Fatalf("a part of a message: %v", m)
			}
			return m.equal([]frame{raw("end")})
		})
	})
}
