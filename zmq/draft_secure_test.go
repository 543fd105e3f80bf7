package zmq_test

import (
	"testing"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Every mechanism protects the younger types as it does the others: with the
// authenticator's name on what is received, and whichever side binds.
func TestDraftSecured(t *testing.T) {
	runOver(t, []string{"ipc", "tcp"}, func(k *kit) {
		openAuth()(k)
		for mechanism, role := range roles {
			for _, tt := range onePartTypes {
				to := k.open(tt.to)
				endpoint, err := to.Bind(k.endpoint(), role.server...)
				k.ok(err)
				from := k.open(tt.from)
				k.ok(from.Connect(endpoint, role.client...))
				k.linked(to, from)
				if tt.to == zmq.Dish {
					k.ok(to.Join("g"))
					k.ok(from.WaitSubscribers(k.ctx, "g", 1))
				}
				m := msg.NewString(mechanism)
				addressTo(k, from, &m)
				k.ok(from.Send(k.ctx, m))
				got, err := to.Recv(k.ctx)
				k.ok(err)
				who := got.Peer()
				if string(got.Frames[0]) != mechanism || who.Mechanism != mechanism || who.SocketType != tt.from.String() {
					k.Errorf("%v to %v: %q from %+v", tt.from, tt.to, got.Frames, who)
				}
				if (who.UserID != "") != (mechanism != "NULL") {
					k.Errorf("%v to %v: user %q by %s", tt.from, tt.to, who.UserID, mechanism)
				}
				if tt.to == zmq.Server || tt.to == zmq.Peer {
					k.ok(to.Send(k.ctx, got))
					k.want(from, mechanism)
				}
			}
		}
	})
}

func TestDraftRefused(t *testing.T) {
	k := alone(t, "tcp")
	openAuth()(k)
	for _, tt := range onePartTypes {
		to := k.open(tt.to)
		endpoint, err := to.Bind(k.endpoint(), roles["PLAIN"].server...)
		k.ok(err)
		from := k.open(tt.from)
		k.ok(from.Connect(endpoint, zmq.WithPlainClient(goodUser, "not "+goodPass)))
		k.is(from.WaitConnected(k.ctx, 1), zmq.ErrAuth)
		m := msg.NewString("x")
		m.SetRoutingID(1)
		k.is(from.Send(k.ctx, m), zmq.ErrAuth)
	}
}
