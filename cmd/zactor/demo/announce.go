package demo

import (
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"time"

	"github.com/go-zactor/zactor/beacon"
)

// zrePrefix begins every beacon of a node with a CURVE key: "ZRE" and the version.
const zrePrefix = "ZRE\x03"

// announce opens the node's beacon, and says who is here, on which port, and with
// which public key. The sockets are bound by then: who hears the beacon may connect
// at once.
func (n *node) announce() error {
	at, err := netip.ParseAddrPort(n.inboxAt[len("tcp://"):])
	if err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	n.beacon, err = beacon.New(loopbackBeacon(n.beaconPort)...)
	if err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	n.beacon.Subscribe([]byte(zrePrefix))
	watch(n, n.beacon.Beacons(n.ctx), n.sighted)
	if err := n.tell(event{Kind: eventStart, Detail: n.inboxAt}); err != nil {
		return err
	}
	return n.beacon.Publish(n.beaconOf(at.Port()), beaconInterval)
}

// sayGoodbye tells the others that the node leaves in order.
func (n *node) sayGoodbye() {
	n.beacon.Publish(n.beaconOf(0), time.Hour)
}

func (n *node) beaconOf(port uint16) []byte {
	return beacon.ZRE{Version: beacon.ZRE3, UUID: n.uuid, Port: port, PublicKey: n.keys.own.PublicKey()}.Append(nil)
}

// loopbackBeacon are the options of a beacon that stays on this host. Linux takes
// broadcasts on its loopback; the other systems take multicast there.
func loopbackBeacon(port int) []beacon.Option {
	opts := []beacon.Option{beacon.WithLoopback(), beacon.WithPort(port)}
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
