package zmq_test

import (
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// A message over the receiver's limit is no riddle: the receiver counts it and has an
// event with its size and the limit, the sender has an event that says the same, and what
// it sends next arrives.
func TestTooLargeIsTold(t *testing.T) {
	for _, c := range []struct {
		way         string
		limit, size int
	}{
		{"tcp", 100_000, 1_000_000}, {"ipc", 100_000, 1_000_000}, {"ws", 100_000, 1_000_000}, {"curve", 100_000, 1_000_000},
		{"tcp", 0, 17 << 20}, // 0: the default of 16 MiB
	} {
		t.Run(c.way, func(t *testing.T) {
			k := alone(t, c.way)
			var opts []zmq.Option
			if c.limit > 0 {
				opts = append(opts, zmq.WithMaxMsgSize(int64(c.limit)))
			}
			pull, endpoint := k.bound(zmq.Pull, opts...)
			push := k.connect(zmq.Push, endpoint)
			k.linked(pull, push)
			received, sent := k.watch(pull, zmq.EventDisconnected), k.watch(push, zmq.EventDisconnected|zmq.EventConnectRetried)
			k.ok(push.SendBytes(k.ctx, numbered(0, c.size)))
			limit := "100000"
			if c.limit == 0 {
				limit = "16777216"
			}
			for _, e := range []zmq.Event{received.next(), sent.next(), sent.next()} {
				k.is(e.Err, zmq.ErrMsgTooLarge)
				k.mentions(e.Err, limit)
			}
			k.send(push, "small")
			k.want(pull, "small")
			if n := pull.Stats().TooLarge; n != 1 {
				t.Errorf("the receiver counts %d", n)
			}
			if st := push.Stats(); st.TooLarge != 0 || st.Refused != 1 {
				t.Errorf("the sender counts %+v", st)
			}
		})
	}
}
