package ws

import (
	"encoding/binary"
	"math"
)

// The first byte of a frame (RFC 6455, section 5.2).
const (
	finBit  = 0x80
	rsvBits = 0x70

	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA

	opMask = 0x0F
)

const (
	maskBit = 0x80
	size16  = 126 // the size follows in two bytes
	size64  = 127 // in eight

	maxHeader  = 14
	maxControl = 125 // payload of Close, Ping and Pong
)

// The flags of ZWS: the first byte of a message.
const (
	zwsMore    = 0x01
	zwsCommand = 0x02
)

// header is the header of one frame.
type header struct {
	op     byte
	size   uint64
	masked bool
	key    [4]byte
}

func (h *header) control() bool { return h.op >= opClose }

// headerSize is how long a header is whose first bytes are p: 2 when they do not say
// yet.
func headerSize(p []byte) int {
	if len(p) < 2 {
		return 2
	}
	n := 2
	switch p[1] &^ maskBit {
	case size16:
		n += 2
	case size64:
		n += 8
	}
	if p[1]&maskBit != 0 {
		n += 4
	}
	return n
}

// parseHeader reads a whole header. masked is whether the peer has to mask.
func parseHeader(p []byte, masked bool) (h header, err error) {
	h = header{op: p[0] & opMask, size: uint64(p[1] &^ maskBit), masked: p[1]&maskBit != 0}
	least := uint64(0)
	rest := p[2:]
	switch h.size {
	case size16:
		h.size, rest, least = uint64(binary.BigEndian.Uint16(rest)), rest[2:], size16
	case size64:
		h.size, rest, least = binary.BigEndian.Uint64(rest), rest[8:], math.MaxUint16+1
	}
	copy(h.key[:], rest)
	return h, h.check(p[0], least, masked)
}

// check obeys RFC 6455 and ZWS. least is what a size must be that is spelt so.
func (h *header) check(first byte, least uint64, masked bool) error {
	switch {
	case first&rsvBits != 0:
		// "MUST be 0 unless an extension is negotiated": we negotiate none.
		return broken(statusProtocol, "reserved bits set in frame header %#02x", first)
	case h.masked != masked && masked:
		// "The server MUST close the connection upon receiving a frame that is not
		// masked."
		return broken(statusProtocol, "frame of a client is not masked")
	case h.masked != masked:
		// "A client MUST close a connection if it detects a masked frame."
		return broken(statusProtocol, "frame of a server is masked")
	case h.size < least || h.size > math.MaxInt64:
		// "the minimal number of bytes MUST be used to encode the length", "the most
		// significant bit MUST be 0"
		return broken(statusProtocol, "frame of %d bytes with a size that is spelt wrong", h.size)
	case h.control() && (first&finBit == 0 || h.size > maxControl):
		// "MUST have a payload length of 125 bytes or less and MUST NOT be fragmented"
		return broken(statusProtocol, "control frame in fragments, or of %d bytes", h.size)
	}
	return h.checkOp(first)
}

func (h *header) checkOp(first byte) error {
	switch h.op {
	case opClose, opPing, opPong:
		return nil
	case opText:
		return broken(statusUnsupported, "text message: messages of ZWS are binary")
	case opContinuation:
		return broken(statusUnsupported, "message in fragments: a frame of ZWS is one frame of WebSocket")
	case opBinary:
		if first&finBit == 0 {
			return broken(statusUnsupported, "message in fragments: a frame of ZWS is one frame of WebSocket")
		}
		if h.size == 0 {
			return broken(statusProtocol, "empty message: a message of ZWS begins with its flags")
		}
		return nil
	}
	return broken(statusProtocol, "unknown opcode %#x", h.op)
}

// appendHeader appends the header of an unfragmented frame; key is nil for a server.
func appendHeader(dst []byte, op byte, size int, key *[4]byte) []byte {
	mask := byte(0)
	if key != nil {
		mask = maskBit
	}
	dst = append(dst, finBit|op)
	switch {
	case size < size16:
		dst = append(dst, mask|byte(size))
	case size <= math.MaxUint16:
		dst = binary.BigEndian.AppendUint16(append(dst, mask|size16), uint16(size))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, mask|size64), uint64(size))
	}
	if key != nil {
		dst = append(dst, key[:]...)
	}
	return dst
}
