package node

import (
	"net/netip"
	"time"
)

// Config is what a node is made of. All fields must be set.
type Config struct {
	ID      ID
	Name    string
	Headers map[string]string
	Port    uint16 // of the inbox
	Key     string // the own public key in Z85; empty in clear

	Evasive time.Duration // silence after which a peer is evasive
	Expired time.Duration // and after which it is gone
	Greet   time.Duration // from the dial to the peer's HELLO
	Reap    time.Duration // between two PINGs to a peer that is silent

	MaxPeers      int
	MaxCandidates int
	MaxGroups     int // of one peer
	Dials         int // unconfirmed dials within any second because of beacons
	Answers       int // and because of HELLOs
}

const (
	maxHeld      = 1024    // messages of a peer that is greeted and not ready
	maxHeldBytes = 1 << 20 // and their bytes
	maxBacklog   = 1024    // messages that may not be left out and find no room
	maxExpected  = 32      // dials because of beacons that no HELLO has followed yet
	maxKnown     = 4096    // UUIDs whose key is remembered
	resetPause   = time.Second
	firstRetry   = time.Second // after a dial in vain, doubling up to lastRetry
	lastRetry    = 30 * time.Second
	reelect      = 2 * time.Second // after a wave that does not come back, doubling
	lastReelect  = 30 * time.Second
	mostAsks     = 2 // after which a contestant leads without who does not answer
)

// pingAfter is the silence after which a peer is asked, early enough for the answer
// to come before it counts as evasive.
func (c *Config) pingAfter() time.Duration { return c.Evasive * 4 / 5 }

// crowd is the number of peers above which beacons become rarer.
const crowd = 50

// Pace is the time between two beacons of a node that has so many peers and beacons
// at every in a small network. In a network of more than a crowd everybody hears no
// more beacons than in one of just a crowd.
//
// Beacons are how nodes find each other, and nothing is found later for this: who
// starts beacons at once, and who is alone, because it was cut off, has few peers and
// so beacons often. What bounds the interval are peers that take beacons for signs of
// life, as RFC 36 lets them: it stays below the time after which a silent peer counts
// as evasive.
func (c *Config) Pace(every time.Duration, peers int) time.Duration {
	return max(every, min(every*time.Duration(peers)/crowd, c.pingAfter()))
}

// Source is where a message came from.
type Source struct {
	RoutingID []byte
	Conn      netip.AddrPort // the other end of its connection
	Key       string         // the key that the connection has proved; empty in clear
}
