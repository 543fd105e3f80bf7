//go:build interop

package interop

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
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
				push := by.left.open(t, "PUSH", setup{linger: ztest.Patience})
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
		push := by.left.open(t, "PUSH", setup{linger: ztest.Patience})
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
		case <-time.After(ztest.Patience):
			t.Fatal("close goes on after the last message was delivered")
		}
	})
}

// A multipart message that is cut by the sender's death arrives whole or not at
// all, and the next sender's messages do not suffer.
func TestCutMessage(t *testing.T) {
	big := []frame{sized(1, 1), sized(8<<20, 2), sized(1, 3)}
	eachTransport(t, func(t *testing.T, by pair, endpoint string) {
		pull := by.right.open(t, "PULL", setup{})
		bound := pull.bind(endpoint)
		for i := range 4 {
			push := by.left.fresh(t).open(t, "PUSH", setup{})
			push.connect(bound)
			small := raw(fmt.Sprint("small ", i))
			push.send(small)
			ztest.Eventually(t, "the small message", func() bool {
				m := take(t, pull)
				if !m.equal(big) && !m.equal([]frame{small}) {
					t.Fatalf("a part of a message: %v", m)
				}
				return !m.equal(big)
			})
			push.send(big...)
			push.crash()
		}
	})
}
