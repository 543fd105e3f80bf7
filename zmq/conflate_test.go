package zmq_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

func textMsg(frames ...string) msg.Msg { return msg.NewString(frames...) }

// A receiver that conflates gets the last message, and of those before it none twice
// and none out of turn.
func TestConflateAtTheReceiver(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull, zmq.WithConflate(true), zmq.WithRecvHWM(2))
		push := k.joined(zmq.Push, endpoint, zmq.WithSendHWM(0))
		const n = 2000
		for i := range n {
			k.send(push, strconv.Itoa(i))
		}
		last, got := -1, 0
		for last < n-1 {
			i, err := strconv.Atoi(k.recv(pull)[0])
			k.ok(err)
			if i <= last {
				t.Fatalf("%d after %d", i, last)
			}
			last = i
			got++
		}
		k.silent(pull)
		if k.scheme == "inproc" && got != 1 {
			t.Errorf("%d messages were received", got)
		}
	})
}

// A subscriber that is slow gets the news of today.
func TestConflateOfSubscribers(t *testing.T) {
	over(t, func(k *kit) {
		pub, endpoint := k.bound(zmq.Pub, zmq.WithConflate(true))
		sub := k.open(zmq.Sub, zmq.WithConflate(true))
		k.ok(sub.Subscribe(""))
		k.ok(k.dial(sub, endpoint))
		k.ok(pub.WaitSubscribers(k.ctx, "", 1))
		for i := range 1000 {
			k.send(pub, fmt.Sprint("news ", i))
		}
		for k.recv(sub)[0] != "news 999" {
		}
		k.silent(sub)
		if d := pub.Stats().Drops.Total(); d != 0 {
			t.Errorf("%d messages count as dropped", d)
		}
	})
}

// Two DEALERs conflate in both directions.
func TestConflateOfDealers(t *testing.T) {
	k := alone(t, "inproc")
	a, endpoint := k.bound(zmq.Dealer)
	b := k.joined(zmq.Dealer, endpoint, zmq.WithConflate(true))
	for _, s := range [][2]*zmq.Socket{{a, b}, {b, a}} {
		for i := range 10 {
			k.send(s[0], strconv.Itoa(i))
		}
		k.want(s[1], "9")
		k.silent(s[1])
	}
}

// The types that do not lose messages do not conflate.
func TestConflateTypes(t *testing.T) {
	k := alone(t, "inproc")
	for _, typ := range []zmq.Type{zmq.Req, zmq.Rep, zmq.Router, zmq.Pair, zmq.XPub, zmq.XSub} {
		_, err := zmq.New(k.zctx, typ, zmq.WithConflate(true))
		k.is(err, zmq.ErrInvalidOption)
		k.mentions(err, typ.String())
	}
}
