package zmq

import (
	"errors"
	"testing"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// Two connections of one name come at once. The one whose place the other has taken before
// it was there itself does not stay: nobody would reach it, and it would not know.
func TestReplacedOnTheWay(t *testing.T) {
	for _, c := range []struct {
		typ  Type
		opts []Option
		name func(*link.Peer)
	}{
		{Router, []Option{WithRouterHandover(true)}, func(p *link.Peer) { p.PeerIdentity = []byte("name") }},
		{Pub, []Option{WithDurableBounds(10, 0, 0)}, func(p *link.Peer) { p.Info.Properties = map[string]string{propDurable: "name"} }},
		{XPub, []Option{WithDurableBounds(10, 0, 0)}, func(p *link.Peer) { p.Info.Properties = map[string]string{propDurable: "name"} }},
	} {
		t.Run(c.typ.String(), func(t *testing.T) {
			s, err := New(t.Context(), c.typ, append(c.opts, WithLinger(0))...)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			h := &handler{s: s, endpoint: "tcp://127.0.0.1:1", accepts: true}
			newcomer := func() *arrival {
				a := &arrival{pipe: h.NewPipe(), peer: &link.Peer{Result: wire.Result{}, Info: &buf.Peer{}, Fresh: true}}
				c.name(a.peer)
				a.peer.Link = a
				a.pipe.SetOrigin(&buf.Origin{Peer: a.peer.Info})
				return a
			}
			first, second, third := newcomer(), newcomer(), newcomer()
			for _, a := range []*arrival{first, second} {
				if err := h.Admit(a.pipe, a.peer); err != nil {
					t.Fatal(err)
				}
			}
			if err := h.Attach(first.pipe, first.peer); !errors.Is(err, errHandedOver) {
				t.Errorf("the first one is attached, although another one has its name: %v", err)
			}
			h.Detach(first.pipe, true)
			if err := h.Attach(second.pipe, second.peer); err != nil {
				t.Fatal(err)
			}
			if n := s.Stats().Connected; n != 1 {
				t.Errorf("%d are connected, want 1", n)
			}
			if err := h.Admit(third.pipe, third.peer); err != nil {
				t.Fatal(err)
			}
			if !errors.Is(second.stopped, errHandedOver) {
				t.Errorf("the second one was ended with %v", second.stopped)
			}
			// It comes again by the same pipe, as one does that we dial.
			h.Detach(second.pipe, false)
			if err := h.Admit(second.pipe, second.peer); err != nil {
				t.Fatal(err)
			}
			if err := h.Attach(second.pipe, second.peer); err != nil {
				t.Errorf("the second one is not let in again: %v", err)
			}
			for _, a := range []*arrival{second, third} {
				h.Detach(a.pipe, true)
			}
		})
	}
}

// arrival is a peer on its way, and its link.
type arrival struct {
	pipe    *queue.Pipe
	peer    *link.Peer
	stopped error
}

func (a *arrival) Stop(cause error) { a.stopped = cause }
