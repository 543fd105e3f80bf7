package wire

import (
	"bytes"
	"encoding/binary"
)

// The greeting of ZMTP 3.x, and how far its parts reach:
//
//	signature 10 | major 1 | minor 1 | mechanism 20 | as-server 1 | filler 31
//
// ZMTP 2.0 has a socket type in the place of the minor version and ends there;
// ZMTP 1.0 in its first form has no greeting and begins with an identity frame.
const (
	signatureEnd = 10
	revisionEnd  = 11
	minorEnd     = 12
	mechanismEnd = 32
	greetingEnd  = 64

	mechanismSize = mechanismEnd - minorEnd
)

const (
	signatureFirst = 0xFF
	signatureLast  = 0x7F

	revision1 = 0 // ZMTP 1.0 that already has a greeting
	revision2 = 1
	revision3 = 3
)

// appendSignature appends the first ten bytes. Eight of them are padding between
// peers of ZMTP 2.0 and later.
func appendSignature(dst []byte, padding uint64) []byte {
	dst = binary.BigEndian.AppendUint64(append(dst, signatureFirst), padding)
	return append(dst, signatureLast)
}

// appendTail3 appends what follows the revision byte for a peer of ZMTP 3.x.
func appendTail3(dst []byte, m Mechanism) []byte {
	var tail [greetingEnd - revisionEnd]byte
	tail[0] = 1 // minor version
	copy(tail[1:1+mechanismSize], m.Name())
	if m.AsServer() {
		tail[1+mechanismSize] = 1
	}
	return append(dst, tail[:]...)
}

// checkMechanism compares the whole mechanism field of the peer with ours. RFC
// 37: "If the mechanism that the peer received does not exactly match the
// mechanism it sent, it MUST close the connection."
func checkMechanism(theirs []byte, ours string) error {
	var field [mechanismSize]byte
	copy(field[:], ours)
	if bytes.Equal(theirs, field[:]) {
		return nil
	}
	return &ProtocolError{
		Code:   CodeMechanismMismatch,
		Reason: "mechanism mismatch: ours is " + ours + ", the peer's is " + Quote(bytes.TrimRight(theirs, "\x00")),
		Cause:  ErrMechanism,
	}
}

// version3 returns the version to speak with a peer of revision 3 or unknown
// revisions, which are future ones: ZMTP promises that they can speak ours.
func version3(revision, minor byte) Version {
	if revision == revision3 && minor == 0 {
		return V30
	}
	return V31
}

// Version is the protocol version that the two peers speak.
type Version uint8

// The versions this package speaks, oldest first, so that they can be compared.
const (
	V1  Version = iota + 1 // ZMTP 1.0, with or without a versioned greeting
	V2                     // ZMTP 2.0
	V30                    // ZMTP 3.0
	V31                    // ZMTP 3.1, and whatever comes after it
)

// String returns the version as it is written in the RFCs.
func (v Version) String() string {
	switch v {
	case V1:
		return "1.0"
	case V2:
		return "2.0"
	case V30:
		return "3.0"
	case V31:
		return "3.1"
	}
	return "unknown"
}
