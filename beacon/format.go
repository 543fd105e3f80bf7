package beacon

import (
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/internal/unpack"
)

// A Format is how a UDP Discoverer puts a Peer into a beacon.
type Format interface {
	// Prefix is what every beacon of the format starts with.
	Prefix() []byte
	// Append appends the beacon of self, or the one that says that self leaves.
	Append(b []byte, self Peer, leaving bool) ([]byte, error)
	// Parse reads what was heard from an address. The bytes must not be kept.
	Parse(b []byte, from netip.Addr) (p Peer, leaving bool, err error)
}

// PeerFormat carries a whole Peer, in as many bytes as it takes: "ZPB", a version of
// 1, a byte that is 1 if the peer leaves and else 0, the ID, the number of endpoints
// and the endpoints, the number of values and for each its key and its value, in the
// order of the keys. Numbers are single bytes, and each string is preceded by its
// length in one. A goodbye has no endpoints and no values.
var PeerFormat Format = peerFormat{}

type peerFormat struct{}

const peerPrefix = "ZPB\x01"

func (peerFormat) Prefix() []byte { return []byte(peerPrefix) }

func (peerFormat) Append(b []byte, self Peer, leaving bool) ([]byte, error) {
	if err := self.Check(); err != nil {
		return b, err
	}
	b = append(b, peerPrefix...)
	if leaving {
		b = appendString(append(b, 1), self.ID)
		return append(b, 0, 0), nil
	}
	b = appendString(append(b, 0), self.ID)
	if len(self.Endpoints) > 255 || len(self.Values) > 255 {
		return b, fmt.Errorf("%w: %d endpoints and %d values: the limit is 255", ErrTooLarge, len(self.Endpoints), len(self.Values))
	}
	b = append(b, byte(len(self.Endpoints)))
	for _, e := range self.Endpoints {
		b = appendString(b, e)
	}
	b = append(b, byte(len(self.Values)))
	for _, key := range slices.Sorted(maps.Keys(self.Values)) {
		if len(key) > 255 || len(self.Values[key]) > 255 {
			return b, fmt.Errorf("%w: value %.20q: keys and values have at most 255 bytes", ErrTooLarge, key)
		}
		b = appendString(appendString(b, key), self.Values[key])
	}
	return b, nil
}

func appendString(b []byte, s string) []byte {
	return append(append(b, byte(len(s))), s...)
}

func (peerFormat) Parse(b []byte, from netip.Addr) (Peer, bool, error) {
	r := unpack.Reader{Rest: b}
	if string(r.Bytes(uint64(len(peerPrefix)))) != peerPrefix {
		return Peer{}, false, fmt.Errorf("%w: must start with %q", ErrMalformedPeer, peerPrefix)
	}
	flag := r.Byte()
	p := Peer{ID: r.String8(), Values: make(map[string]string)}
	for range r.Byte() {
		p.Endpoints = append(p.Endpoints, lan.Locate(r.String8(), from))
		if r.Short {
			break
		}
	}
	for last, n := "", r.Byte(); n > 0 && !r.Short; n-- {
		key := r.String8()
		if _, twice := p.Values[key]; twice || key < last {
			return Peer{}, false, fmt.Errorf("%w: key %q is out of order", ErrMalformedPeer, key)
		}
		p.Values[key], last = r.String8(), key
	}
	if r.Short || len(r.Rest) > 0 || p.ID == "" || flag > 1 || slices.Contains(p.Endpoints, "") {
		return Peer{}, false, fmt.Errorf("%w: %d bytes that don't add up", ErrMalformedPeer, len(b))
	}
	return p, flag == 1, nil
}

// ZREFormat carries a ZRE node (zyre) in its own 22 or 54 bytes: a Peer's ID is the
// node's UUID in 32 upper-case hexadecimal digits, its only endpoint is tcp at the
// address that was heard and the port of the beacon, and the value "public-key" is the
// CURVE key, in hexadecimal, of a node that has one. Other values can't be said.
var ZREFormat Format = zreFormat{}

type zreFormat struct{}

// publicKey is the name of the value.
const publicKey = "public-key"

func (zreFormat) Prefix() []byte { return []byte("ZRE") }

func (zreFormat) Append(b []byte, self Peer, leaving bool) ([]byte, error) {
	z := ZRE{Version: ZRE1}
	id, err := hex.DecodeString(self.ID)
	if err != nil || len(id) != len(z.UUID) {
		return b, fmt.Errorf("%w: peer ID %.40q: must be a UUID of 32 hexadecimal digits", ErrInvalidPeer, self.ID)
	}
	copy(z.UUID[:], id)
	if text, secure := self.Values[publicKey]; secure {
		key, err := hex.DecodeString(text)
		if err != nil || len(key) != len(z.PublicKey) {
			return b, fmt.Errorf("%w: %s: must have 64 hexadecimal digits", ErrInvalidPeer, publicKey)
		}
		z.Version = ZRE3
		copy(z.PublicKey[:], key)
	}
	if !leaving {
		if z.Port = lan.PortOf(self.Endpoints); z.Port == 0 {
			return b, fmt.Errorf("%w: endpoints %q: one must have a port", ErrInvalidPeer, self.Endpoints)
		}
	}
	return z.Append(b), nil
}

func (zreFormat) Parse(b []byte, from netip.Addr) (Peer, bool, error) {
	z, err := ParseZRE(b)
	if err != nil {
		return Peer{}, false, err
	}
	p := Peer{ID: strings.ToUpper(hex.EncodeToString(z.UUID[:])), Values: make(map[string]string)}
	if z.Version == ZRE3 {
		p.Values[publicKey] = hex.EncodeToString(z.PublicKey[:])
	}
	if !z.Leaving() {
		p.Endpoints = []string{tcpEndpoint(from, z.Port)}
	}
	return p, z.Leaving(), nil
}

func tcpEndpoint(a netip.Addr, port uint16) string {
	return "tcp://" + netip.AddrPortFrom(a, port).String()
}
