package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// While nobody receives, a sender takes what the two marks say, and what the kernel's
// buffers and the reader's hold: what is being written counts until its last byte is out.
func TestHWMIsWhatItSays(t *testing.T) {
	over(t, func(k *kit) {
		for _, c := range []struct{ size, mark int }{{100, 500}, {8 << 10, 200}, {100_000, 20}, {100_000, 1}} {
			k.Run(fmt.Sprintf("%d of %d bytes", c.mark, c.size), func(t *testing.T) { boundedByMarks(k, t, c.size, c.mark) })
		}
	})
}

// inBetween is what the buffers of two kernels and a reader may hold, that were asked to
// be as small as can be.
const inBetween = 128 << 10

func boundedByMarks(k *kit, t *testing.T, size, mark int) {
	pull, endpoint := k.bound(zmq.Pull, zmq.WithRecvHWM(mark), zmq.WithRecvBytes(0), zmq.WithRecvBuffer(4096))
	push := k.connect(zmq.Push, endpoint, zmq.WithSendHWM(mark), zmq.WithSendBytes(0), zmq.WithSendBuffer(4096))
	k.linked(push, pull)
	taken := 0
	send := func(ctx context.Context) bool {
		err := push.Send(ctx, msg.New(make([]byte, size)))
		if errors.Is(err, context.DeadlineExceeded) && k.ctx.Err() == nil {
			return false
		}
		k.ok(err)
		taken++
		if n := push.Stats().Queued; n > mark {
			t.Fatalf("%d are queued after %d", n, taken)
		}
		return true
	}
	for taken < 2*mark {
		send(k.ctx)
	}
	// No room comes any more. Under load this may look too early, and then asks for less.
	k.until("the receiver is full", func() bool { return pull.Stats().Unread >= mark })
	for room := true; room; {
		ctx, cancel := context.WithTimeout(k.ctx, 50*time.Millisecond)
		room = send(ctx)
		cancel()
	}
	if most := 2*mark + inBetween/size + 1; taken > most {
		t.Errorf("took %d, want at most %d", taken, most)
	}
	if k.scheme == "inproc" && taken != 2*mark {
		t.Errorf("took %d, want %d", taken, 2*mark)
	}
}
