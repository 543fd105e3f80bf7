package zmq_test

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// A newcomer whose machine is slow to say READY is not told that it is in before a place is
// claimed for it: it would send then, and be turned away with what it has sent.
func TestSimLateReadyOfASecondPeer(t *testing.T) {
	for _, typ := range []zmq.Type{zmq.Pair, zmq.Router} {
		simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
			k := s.bound(typ)
			peer := map[zmq.Type]string{zmq.Pair: "PAIR", zmq.Router: "DEALER"}[typ]
			meta := wire.AppendProperty(nil, "Socket-Type", []byte(peer))
			meta = wire.AppendProperty(meta, "Identity", []byte("name"))
			for i, in := range []bool{true, false} {
				c, err := s.net.Dial(s.ctx, simEndpoint)
				if err != nil {
					s.Fatal(err)
				}
				s.tidy = append(s.tidy, func() { c.Close() })
				_, _ = c.Write(speakerGreeting())
				time.Sleep(time.Second)
				early := s.heard(c)
				if bytes.Contains(early, []byte("READY")) {
					s.Errorf("%v: peer %d was told that it is in before it had said READY", typ, i)
				}
				_, _ = c.Write(readyWith(meta))
				synctest.Wait()
				if answer := append(early, s.heard(c)...); bytes.Contains(answer, []byte("READY")) != in {
					s.Errorf("%v: peer %d was told %q; it is in: %v", typ, i, answer, in)
				}
			}
			if n := k.Stats().Connected; n != 1 {
				s.Errorf("%v: %d peers", typ, n)
			}
		})
	}
}
