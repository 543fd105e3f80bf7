package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// A second DEALER with a routing id in use is told so, comes back ever more seldom, and
// nothing that it was given is lost: it arrives once the first one has left.
func TestRoutingIDInUseIsTold(t *testing.T) {
	over(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router)
		turnedAway := k.watch(router, zmq.EventHandshakeFailedNoDetail)
		first := k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("name"))
		second := k.open(zmq.Dealer, zmq.WithRoutingID("name"), zmq.WithReconnectInterval(time.Millisecond, 0))
		told := k.watch(second, zmq.EventHandshakeFailedNoDetail|zmq.EventHandshakeSucceeded)
		k.ok(k.dial(second, endpoint))
		for i := range 20 {
			k.send(second, fmt.Sprint(i))
		}
		k.is(turnedAway.next().Err, zmq.ErrRoutingIDInUse)
		for range 3 {
			e := told.next()
			if e.Kind != zmq.EventHandshakeFailedNoDetail {
				t.Fatalf("the second one is told %v", e)
			}
			k.is(e.Err, zmq.ErrRoutingIDInUse)
			if k.scheme == "inproc" {
				break // linked when the name is free, and not tried before
			}
		}
		k.until("the endpoint says why", func() bool {
			i := second.Endpoint(endpoint)
			return errors.Is(i.Err, zmq.ErrRoutingIDInUse) && i.State == zmq.EndpointWaiting
		})
		short, cancel := context.WithTimeout(k.ctx, 10*time.Millisecond)
		defer cancel()
		k.mentions(second.WaitConnected(short, 1), "routing id in use", "name")
		_, err := second.Recv(short)
		k.mentions(err, "routing id in use", "name")
		k.send(first, "first")
		k.want(router, "name", "first")
		k.silent(router)

		k.ok(first.Close())
		for i := range 20 {
			k.want(router, "name", fmt.Sprint(i))
		}
		k.send(router, "name", "back")
		k.want(second, "back")
	})
}

// The distance of the attempts doubles while the peer turns us away.
func TestTurnedAwayBackOff(t *testing.T) {
	networked(t, func(k *kit) {
		_, endpoint := k.bound(zmq.Router)
		k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("name"))
		second := k.open(zmq.Dealer, zmq.WithRoutingID("name"), zmq.WithReconnectInterval(2*time.Millisecond, 0))
		retries := k.watch(second, zmq.EventConnectRetried)
		k.ok(k.dial(second, endpoint))
		for want := 2 * time.Millisecond; want <= 32*time.Millisecond; want *= 2 {
			e := retries.next()
			if e.RetryIn < want/2 || e.RetryIn > want*3/2 {
				t.Errorf("the next attempt is in %v, want %v give or take half", e.RetryIn, want)
			}
		}
	})
}

// A PAIR and a CHANNEL have one peer. Another one that comes meanwhile loses nothing.
func TestSecondPeerOfPairIsTold(t *testing.T) {
	over(t, func(k *kit) {
		for _, typ := range []zmq.Type{zmq.Pair, zmq.Channel} {
			server, endpoint := k.bound(typ)
			first := k.joined(typ, endpoint)
			second := k.open(typ, zmq.WithReconnectInterval(time.Millisecond, 0))
			told := k.watch(second, zmq.EventHandshakeFailedNoDetail)
			k.ok(k.dial(second, endpoint))
			for i := range 20 {
				k.send(second, fmt.Sprint(i))
			}
			k.is(told.next().Err, zmq.ErrPeerBusy)
			short, cancel := context.WithTimeout(k.ctx, 10*time.Millisecond)
			k.mentions(second.WaitConnected(short, 1), zmq.ErrPeerBusy.Error()[len("zmq: "):])
			cancel()
			k.silent(server)
			k.ok(first.Close())
			for i := range 20 {
				k.want(server, fmt.Sprint(i))
			}
		}
	})
}

// Of many that come at once with one name, or to one PAIR, one is let in, and what the
// others have to say arrives when it is their turn.
func TestManyWithOneNameAtOnce(t *testing.T) {
	over(t, func(k *kit) {
		for _, types := range [][2]zmq.Type{{zmq.Router, zmq.Dealer}, {zmq.Pair, zmq.Pair}} {
			server, endpoint := k.bound(types[0])
			const crowd = 8
			clients := map[string]*zmq.Socket{}
			for i := range crowd {
				name := fmt.Sprint(i)
				opts := []zmq.Option{zmq.WithReconnectInterval(time.Millisecond, 4*time.Millisecond)}
				if types[1] == zmq.Dealer {
					opts = append(opts, zmq.WithRoutingID("name"))
				}
				c := k.open(types[1], opts...)
				k.ok(k.dial(c, endpoint))
				for range 5 {
					k.send(c, name)
				}
				clients[name] = c
			}
			for range crowd {
				name := ""
				for i := range 5 {
					m := k.recv(server)
					if got := m[len(m)-1]; i == 0 {
						name = got
					} else if got != name {
						t.Fatalf("a message of %s between those of %s", got, name)
					}
				}
				k.ok(clients[name].Close())
			}
		}
	})
}
