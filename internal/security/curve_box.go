package security

import (
	"crypto/subtle"
	"encoding/binary"
	"math"
	"slices"

	//lint:ignore SA1019 secretbox is this very construction, but can't work in place.
	"golang.org/x/crypto/poly1305"
	//lint:ignore SA1019 see above.
	"golang.org/x/crypto/salsa20/salsa"

	"github.com/go-zactor/zactor/internal/wire"
)

// The body of a MESSAGE. What comes before the ciphertext has 32 bytes, exactly
// as many as XSalsa20-Poly1305 takes from the key stream for the one-time key of
// the authenticator, so that one pass over the body in place seals it.
//
//	"\x07MESSAGE" 8 | counter 8 | tag 16 | encrypted: flags 1, payload
const (
	counterAt   = len(wire.NameMessage)
	tagAt       = counterAt + shortNonceSize
	cipherAt    = tagAt + poly1305.TagSize
	messageSize = cipherAt + 1 // without payload
)

// The flags inside, which differ from those of a frame. RFC 26 knows only the
// first; libzmq sends its commands with the second.
const (
	innerMore    = 1
	innerCommand = 2
)

// curveBox is the wire.Sealer of CURVE: a direction each, with nothing shared.
type curveBox struct {
	opaque
	send direction
	recv direction
}

// direction is one half of the traffic. The nonces of a direction differ in their
// last eight bytes only, and XSalsa20 turns the rest into a key: so that is done
// once, and each message is Salsa20 under that key.
type direction struct {
	key     [keySize]byte
	counter uint64 // of the next message to send, or of the last received
}

func newCurveBox(session *[keySize]byte, sendPrefix, recvPrefix string, next, last uint64) *curveBox {
	b := &curveBox{send: direction{counter: next}, recv: direction{counter: last}}
	salsa.HSalsa20(&b.send.key, (*[16]byte)([]byte(sendPrefix)), session, &salsa.Sigma)
	salsa.HSalsa20(&b.recv.key, (*[16]byte)([]byte(recvPrefix)), session, &salsa.Sigma)
	return b
}

// Seal appends a frame with a MESSAGE. It returns nil when the counter has come
// to its end. RFC 26: a peer "SHALL NOT send more than 2^64-1 commands in one
// connection".
func (b *curveBox) Seal(dst []byte, flags byte, payload []byte) []byte {
	place, ok := b.Reserve(1)
	if !ok {
		return nil
	}
	start, size := len(dst), b.SealedSize(len(payload))
	dst = slices.Grow(dst, size)[:start+size]
	b.SealAt(place, dst[start:], flags, payload)
	return dst
}

// Reserve gives the next n counters away.
func (b *curveBox) Reserve(n int) (first uint64, ok bool) {
	first = b.send.counter
	if uint64(n) > math.MaxUint64-first {
		return 0, false
	}
	b.send.counter += uint64(n)
	return first, true
}

// SealedSize is the size of a frame with a MESSAGE.
func (b *curveBox) SealedSize(payload int) int {
	return wire.HeaderSize(messageSize+payload) + messageSize + payload
}

// SealAt writes a frame with a MESSAGE over dst.
func (b *curveBox) SealAt(counter uint64, dst []byte, flags byte, payload []byte) {
	body := dst[len(wire.AppendHeader(dst[:0], 0, messageSize+len(payload))):]
	clear(body[:cipherAt])
	body[cipherAt] = toInner(flags)
	copy(body[messageSize:], payload)
	b.send.seal(counter, body)
}

// seal encrypts the body, whose first 32 bytes are zero, and puts the name, the
// counter and the tag in their place.
func (d *direction) seal(counter uint64, body []byte) {
	var nonce [16]byte // the counter of the blocks is its second half
	binary.BigEndian.PutUint64(nonce[:], counter)
	salsa.XORKeyStream(body, body, &nonce, &d.key)
	oneTime := [32]byte(body)
	copy(body, wire.NameMessage)
	binary.BigEndian.PutUint64(body[counterAt:], counter)
	poly1305.Sum((*[poly1305.TagSize]byte)(body[tagAt:]), body[cipherAt:], &oneTime)
}

// Open checks and decrypts a MESSAGE in place. Its frame has neither MORE nor
// COMMAND: those flags are inside, where nobody on the way can change them.
func (b *curveBox) Open(outerFlags byte, body []byte) (flags byte, payload []byte, err error) {
	counter, err := b.look(outerFlags, body)
	if err != nil {
		return 0, nil, err
	}
	flags, payload, err = b.OpenAt(counter, body)
	if err == nil || err == errInnerFlags { // it is genuine
		b.recv.counter = counter
	}
	return flags, payload, err
}

// Admit checks the form of a MESSAGE, and that its counter is above the last one.
func (b *curveBox) Admit(outerFlags byte, body []byte) (counter uint64, err error) {
	if counter, err = b.look(outerFlags, body); err == nil {
		b.recv.counter = counter
	}
	return counter, err
}

func (b *curveBox) look(outerFlags byte, body []byte) (counter uint64, err error) {
	switch {
	case outerFlags&^wire.FlagLarge != 0:
		return 0, errOuterFlags
	case len(body) < counterAt || string(body[:counterAt]) != wire.NameMessage:
		return 0, errNotMessage
	case len(body) < messageSize:
		return 0, errShortMessage
	}
	counter = binary.BigEndian.Uint64(body[counterAt:])
	if counter <= b.recv.counter {
		return 0, errReplay
	}
	return counter, nil
}

// OpenAt checks and decrypts a MESSAGE of the right form in place.
func (b *curveBox) OpenAt(counter uint64, body []byte) (flags byte, payload []byte, err error) {
	if !b.recv.open(counter, body) {
		return 0, nil, errCrypto
	}
	if flags, err = fromInner(body[cipherAt]); err != nil {
		return 0, nil, err
	}
	return flags, body[messageSize:], nil
}

// open decrypts only what has been verified, so it takes the first block of the
// key stream alone at first: one half is the key to verify with, the other is
// for the beginning of the ciphertext.
func (d *direction) open(counter uint64, body []byte) bool {
	var nonce [16]byte
	var first [64]byte
	binary.BigEndian.PutUint64(nonce[:], counter)
	salsa.XORKeyStream(first[:], first[:], &nonce, &d.key)
	sealed := body[cipherAt:]
	if !poly1305.Verify((*[poly1305.TagSize]byte)(body[tagAt:]), sealed, (*[32]byte)(first[:])) {
		return false
	}
	n := subtle.XORBytes(sealed, sealed, first[32:])
	nonce[8] = 1 // the second block
	salsa.XORKeyStream(sealed[n:], sealed[n:], &nonce, &d.key)
	return true
}

// Close forgets the keys. The counters go to their end, so that nothing can be
// sealed or opened under the zeros left behind.
func (b *curveBox) Close() {
	b.send = direction{counter: math.MaxUint64}
	b.recv = direction{counter: math.MaxUint64}
}

func toInner(flags byte) byte {
	inner := flags & wire.FlagMore * innerMore
	if flags&wire.FlagCommand != 0 {
		inner |= innerCommand
	}
	return inner
}

func fromInner(inner byte) (flags byte, err error) {
	switch inner {
	case 0:
		return 0, nil
	case innerMore:
		return wire.FlagMore, nil
	case innerCommand:
		return wire.FlagCommand, nil
	}
	return 0, errInnerFlags
}

var (
	errOuterFlags   = &wire.ProtocolError{Code: wire.CodeMalformedMessage, Reason: "CURVE message in a frame with MORE or COMMAND"}
	errNotMessage   = &wire.ProtocolError{Code: wire.CodeUnexpectedCommand, Reason: "frame that is not a CURVE message"}
	errShortMessage = &wire.ProtocolError{Code: wire.CodeMalformedMessage, Reason: "CURVE message that is too short"}
	errReplay       = &wire.ProtocolError{Code: wire.CodeInvalidSequence, Reason: "CURVE message whose nonce is not above the last"}
	errInnerFlags   = &wire.ProtocolError{Code: wire.CodeMalformedMessage, Reason: "reserved bits set in the flags of a CURVE message"}
)
