package zmq_test

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// What a byte of FuzzRoutingIDs' program can name.
var (
	routingNames = []string{"upstream", "a", "b", "\x00\x01\x02\x03\x04", ""}
	routingEnds  = []string{"tcp://10.0.0.2:1", "tcp://10.0.0.3:1", "tcp://10.0.0.4:1"}
)

// FuzzRoutingIDs runs a program of two bytes an order on one ROUTER: strangers and
// dealers with routing ids, connections that the program has named, silent and lost
// endpoints, handover and mandatory switched, sends, and time that passes. The ROUTER
// never stops, no id has two peers, and an honest peer is served at the end.
func FuzzRoutingIDs(f *testing.F) {
	f.Add([]byte{3, 1, 1, 0, 0, 0, 4, 0})                         // FAULTS.md E2: a name for an endpoint that never answered
	f.Add([]byte{3, 1, 0, 1, 0, 1, 0, 1, 4, 1, 5, 0, 4, 1})       // handed over twice
	f.Add([]byte{3, 3, 6, 0, 1, 0, 8, 0, 0, 0, 4, 0, 2, 0, 0, 0}) // a dialled name is claimed, then free
	f.Add([]byte{0, 1, 0, 1, 5, 0, 8, 5, 0, 1, 4, 1})             // a name in use, and free again
	f.Add([]byte{6, 1, 6, 17, 1, 4, 1, 20, 3, 1, 7, 0, 8, 9, 4, 1, 2, 1})
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 200 {
			return
		}
		simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
			r := &routingRun{sim: s, router: s.bound(zmq.Router, zmq.WithReconnectInterval(20*time.Millisecond, 0))}
			for i := 0; i+1 < len(program); i += 2 {
				r.order(program[i], program[i+1])
				r.check()
			}
			r.strangersLeave()
			s.honest(r.router)
		})
	})
}

// routingRun is one run of a program.
type routingRun struct {
	*sim
	router  *zmq.Socket
	raws    []net.Conn
	dealers []*zmq.Socket
}

func (r *routingRun) order(what, arg byte) {
	name := routingNames[int(arg)%len(routingNames)]
	end := routingEnds[int(arg)/len(routingNames)%len(routingEnds)]
	switch what % 9 {
	case 0:
		r.stranger(name)
	case 1:
		var opts []zmq.Option
		if name != "" {
			opts = append(opts, zmq.WithConnectRoutingID(name))
		}
		_ = r.router.Connect(end, opts...) // refused when a peer has the name
	case 2:
		_ = r.router.Disconnect(end) // when it is connected
	case 3:
		if err := r.router.Set(zmq.WithRouterHandover(arg&1 != 0), zmq.WithRouterMandatory(arg&2 != 0)); err != nil {
			r.Fatal(err)
		}
	case 4:
		_ = r.router.TrySend(msg.NewString(name, "hello")) // its errors are for other tests
	case 5:
		if len(r.raws) > 0 {
			r.raws[int(arg)%len(r.raws)].Close()
		}
	case 6:
		r.dealer(name, end)
	case 7:
		if len(r.dealers) > 0 {
			r.dealers[int(arg)%len(r.dealers)].Close()
		}
	case 8:
		time.Sleep(time.Duration(arg) * time.Millisecond) // of the bubble's time
		_, _ = r.router.TryRecv()
	}
	synctest.Wait()
}

// stranger is a peer made of bytes, with a routing id.
func (r *routingRun) stranger(name string) {
	c, err := r.net.Dial(r.sim.ctx, simEndpoint)
	if err != nil {
		r.Fatal(err)
	}
	r.raws = append(r.raws, c)
	r.tidy = append(r.tidy, func() { c.Close() })
	meta := wire.AppendProperty(nil, "Socket-Type", []byte("DEALER"))
	meta = wire.AppendProperty(meta, "Identity", []byte(name))
	_, _ = c.Write(append(speakerGreeting(), readyWith(meta)...))
	r.wg.Go(func() { _, _ = io.Copy(io.Discard, c) })
}

func readyWith(meta []byte) []byte {
	body := append([]byte("\x05READY"), meta...)
	return append([]byte{wire.FlagCommand, byte(len(body))}, body...)
}

// dealer listens where the ROUTER may dial, and dials it, too.
func (r *routingRun) dealer(name, end string) {
	opts := []zmq.Option{zmq.WithReconnectInterval(20*time.Millisecond, 0)}
	if name != "" && name[0] != 0 {
		opts = append(opts, zmq.WithRoutingID(name))
	}
	d := r.open(zmq.Dealer, opts...)
	r.dealers = append(r.dealers, d)
	_, _ = d.Bind(end) // one may be there
	if err := d.Connect(simEndpoint); err != nil {
		r.Fatal(err)
	}
	_ = d.TrySend(msg.NewString("hi"))
}

// check looks at what must hold after every order.
func (r *routingRun) check() {
	seen := map[string]bool{}
	for _, p := range r.router.Peers() {
		id := string(p.RoutingID)
		if p.Connected && id != "" && seen[id] && r.settled(id) {
			r.Errorf("two peers are called %q", id)
		}
		seen[id] = seen[id] || p.Connected
	}
}

// settled reports whether two peers still have an id after those that it was taken
// from had the time to leave.
func (r *routingRun) settled(id string) bool {
	synctest.Wait()
	n := 0
	for _, p := range r.router.Peers() {
		if p.Connected && string(p.RoutingID) == id {
			n++
		}
	}
	return n > 1
}

// strangersLeave ends all peers but those that the ROUTER dials.
func (r *routingRun) strangersLeave() {
	for _, c := range r.raws {
		c.Close()
	}
	for _, d := range r.dealers {
		d.Close()
	}
	for {
		if _, err := r.router.TryRecv(); err != nil {
			break
		}
	}
	synctest.Wait()
	if n := r.router.Stats().Panics; n != 0 {
		r.Errorf("%d panics were contained", n)
	}
}
