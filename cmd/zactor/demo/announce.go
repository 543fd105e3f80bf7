package demo

import (
	"fmt"
	"net"
	"runtime"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zyre"
)

// newsHeader is the header in which a node says where its news are published.
const newsHeader = "X-NEWS"

// goodbyeTime is how long a node that ends waits for its goodbyes to be sent.
const goodbyeTime = 100 * time.Millisecond

// announce makes the node known, with its name and key, and finds the others. The
// sockets are bound by then: who hears of it may connect at once.
func (n *node) announce() (err error) {
	if err := n.tell(event{Kind: eventStart, Detail: n.inboxAt}); err != nil {
		return err
	}
	n.zyre, err = zyre.New(n.ctx, n.name,
		zyre.WithUUID(n.uuid), zyre.WithCurve(n.keys.own, n.keys.trusted),
		zyre.WithLoopback(true), zyre.WithBeacon(loopbackBeacon(n.beaconPort)...), zyre.WithInterval(beaconInterval),
		zyre.WithMaxPeers(mostPeers), zyre.WithLinger(goodbyeTime), zyre.WithHeader(newsHeader, n.pressAt))
	if err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	zloop.Chan(n.loop, n.zyre.Chan(n.ctx), n.met)
	return nil
}

// loopbackBeacon are the options of a beacon that stays on this host. Linux takes
// broadcasts on its loopback; the other systems take multicast there.
func loopbackBeacon(port int) []beacon.Option {
	opts := []beacon.Option{beacon.WithPort(port)}
	if runtime.GOOS != "linux" {
		opts = append(opts, beacon.WithMulticast("239.255.56.70", 0))
	}
	return opts
}

// freeUDPPort is a port that no other demo on this host uses, so that the nodes
// of two that run at the same time do not meet.
func freeUDPPort() (int, error) {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0, fmt.Errorf("beacon port: %w", err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port, nil
}
