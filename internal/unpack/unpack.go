// Package unpack reads values one after the other from the front of bytes that came
// from a network. It never panics, and reserves nothing for what has not arrived.
package unpack

import "encoding/binary"

// A Reader takes values, in network byte order, from the front of Rest. When one is
// not there in full it is Short, and stays so: from then on every value is zero or
// empty, so that a parser asks once, at its end.
//
//	r := unpack.Reader{Rest: b}
//	kind, name := r.Byte(), r.String8()
//	if r.Short || len(r.Rest) > 0 { … }
type Reader struct {
	Rest  []byte
	Short bool
}

// Bytes takes n bytes, which are part of what the Reader was given.
func (r *Reader) Bytes(n uint64) []byte {
	if r.Short || n > uint64(len(r.Rest)) {
		r.Rest, r.Short = nil, true
		return nil
	}
	head := r.Rest[:n:n]
	r.Rest = r.Rest[n:]
	return head
}

// Byte takes one byte.
func (r *Reader) Byte() byte {
	if b := r.Bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// Uint16 takes two bytes.
func (r *Reader) Uint16() uint16 {
	if b := r.Bytes(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

// Uint32 takes four bytes.
func (r *Reader) Uint32() uint32 {
	if b := r.Bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// Uint64 takes eight bytes.
func (r *Reader) Uint64() uint64 {
	if b := r.Bytes(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// String8 takes a string that is preceded by its length in one byte. It is a copy.
func (r *Reader) String8() string { return string(r.Bytes(uint64(r.Byte()))) }

// String32 takes a string that is preceded by its length in four bytes. It is a copy.
func (r *Reader) String32() string { return string(r.Bytes(uint64(r.Uint32()))) }

// Count takes a number of four bytes that says how many elements follow, of which
// each takes at least so many bytes. The Reader is Short if they can't all be there,
// so room for that many may be reserved.
func (r *Reader) Count(least int) int {
	n := uint64(r.Uint32())
	if r.Short || n*uint64(max(least, 1)) > uint64(len(r.Rest)) {
		r.Rest, r.Short = nil, true
		return 0
	}
	return int(n)
}
