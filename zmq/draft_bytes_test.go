package zmq_test

import (
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// Debian's libzmq is built without the types of RFC 41, 48, 49, 51 and 52, so that
// what they say on the wire is checked byte by byte here.

func TestDraftReady(t *testing.T) {
	wired(t, func(k *kit) {
		for typ, peer := range map[zmq.Type]string{
			zmq.Server: "CLIENT", zmq.Client: "SERVER", zmq.Radio: "DISH", zmq.Dish: "RADIO",
			zmq.Scatter: "GATHER", zmq.Gather: "SCATTER", zmq.Peer: "PEER", zmq.Channel: "CHANNEL",
		} {
			r := k.rawLink(k.open(typ), true)
			r.write(greeting3, ready(peer))
			r.expect("greeting", greeting3)
			r.expect("READY", ready(typ.String())) // with no Identity
		}
	})
}

func TestDraftRefusesOtherTypes(t *testing.T) {
	k := alone(t, "tcp")
	for typ, strangers := range map[zmq.Type][]string{
		zmq.Server: {"SERVER", "DEALER", "PEER"}, zmq.Client: {"CLIENT", "ROUTER"}, zmq.Radio: {"SUB", "RADIO"},
		zmq.Dish: {"PUB", "DISH"}, zmq.Scatter: {"PULL"}, zmq.Gather: {"PUSH"}, zmq.Peer: {"SERVER", "CLIENT"}, zmq.Channel: {"PAIR"},
	} {
		for _, stranger := range strangers {
			r := k.rawLink(k.open(typ), true)
			r.write(greeting3, ready(stranger))
			r.closed()
		}
	}
}

// JOIN and LEAVE are commands, and a message is the group and one frame.
func TestGroupBytes(t *testing.T) {
	wired(t, func(k *kit) {
		dish := k.open(zmq.Dish)
		k.ok(dish.Join("TV"))
		r := k.rawLink(dish, true)
		r.handshake("RADIO")
		r.expect("JOIN", "04 07 04", text2hex("JOIN"), text2hex("TV"))
		k.ok(dish.Join(""))
		r.expect("JOIN of no name", "04 05 04", text2hex("JOIN"))
		k.ok(dish.Leave("TV"))
		r.expect("LEAVE", "04 08 05", text2hex("LEAVE"), text2hex("TV"))
		k.ok(dish.Join("TV"))
		r.expect("JOIN again", "04 07 04", text2hex("JOIN"), text2hex("TV"))
		r.write("01 02", text2hex("TV"), "00 04", text2hex("news"))
		radioWant(k, dish, "TV", "news")

		radio := k.open(zmq.Radio)
		r = k.rawLink(radio, true)
		r.handshake("DISH")
		r.write("04 07 04", text2hex("JOIN"), text2hex("TV"))
		k.ok(radio.WaitSubscribers(k.ctx, "TV", 1))
		radioSend(k, radio, "TV", "news")
		r.expect("message", "01 02", text2hex("TV"), "00 04", text2hex("news"))
		r.write("04 08 05", text2hex("LEAVE"), text2hex("TV"))
		k.until("it has left", func() bool { return radio.WaitSubscribers(ended, "TV", 1) != nil })
		// What is no JOIN does not join, and what a DISH must not send is dropped.
		r.write("04 0c 09", text2hex("SUBSCRIBE"), text2hex("TV"), "00 03 01", text2hex("TV"))
		k.until("the message was dropped", func() bool { return radio.Stats().Drops.Unwanted == 1 })
		k.is(radio.WaitSubscribers(ended, "TV", 1), ended.Err())
	})
}

// A RADIO that breaks the form of a message is cut off, as libzmq does.
func TestDishCutsOff(t *testing.T) {
	wired(t, func(k *kit) {
		for name, bytes := range map[string]string{
			"a group alone":     "00 02" + text2hex("TV"),
			"two frames":        "01 02" + text2hex("TV") + "01 00",
			"too long a group":  "03 00 00 00 00 00 00 01 00",
			"an absurd group":   "03 ff ff ff ff ff ff ff ff",
			"MORE on a command": "05 05 04" + text2hex("PING"),
		} {
			dish := k.open(zmq.Dish)
			k.ok(dish.Join("TV"))
			r := k.rawLink(dish, true)
			r.handshake("RADIO")
			r.write("01 02", text2hex("TV"), "00 02", text2hex("ok"))
			r.write(bytes)
			r.closed()
			radioWant(k, dish, "TV", "ok")
			if m, err := dish.TryRecv(); err == nil {
				k.Errorf("%s: got %q", name, m.Frames)
			}
		}
	})
}

// Messages of several frames are dropped whole by the types that have one.
func TestOnePartDropsOthers(t *testing.T) {
	wired(t, func(k *kit) {
		for typ, peer := range map[zmq.Type]string{
			zmq.Server: "CLIENT", zmq.Client: "SERVER", zmq.Gather: "SCATTER", zmq.Peer: "PEER", zmq.Channel: "CHANNEL",
		} {
			s := k.open(typ)
			r := k.rawLink(s, true)
			r.handshake(peer)
			r.write("01 01 61 00 01 62", "00 02", text2hex("ok"), "01 00 01 00 00 00", "00 00")
			k.want(s, "ok")
			k.want(s, "")
			if d := s.Stats().Drops; d.Malformed != 2 || d.Total() != 2 {
				k.Errorf("%v: %+v", typ, d)
			}
		}
	})
}
