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
	reelect      = 2 * time.Second
)

// pingAfter is the silence after which a peer is asked, early enough for the answer
// to come before it counts as evasive.
func (c *Config) pingAfter() time.Duration { return c.Evasive * 4 / 5 }

// Source is where a message came from.
type Source struct {
	RoutingID []byte
	Conn      netip.AddrPort // the other end of its connection
	Key       string         // the key that the connection has proved; empty in clear
}
