package swap

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

// A record is a header and a payload. The header, big endian: the payload's length
// (4 bytes), the record's number (8), the check of the payload (4) and the check of
// the header so far (4).
const headerSize = 20

// maxRecord bounds a payload, so that a turned bit in a length can't make a reader
// ask for more than there is.
const maxRecord = 1 << 30

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type header struct {
	size  uint32
	seq   uint64
	check uint32 // of the payload
}

func appendHeader(dst []byte, seq uint64, payload [][]byte) ([]byte, error) {
	size, check := uint64(0), uint32(0)
	for _, p := range payload {
		size += uint64(len(p))
		check = crc32.Update(check, castagnoli, p)
	}
	if size > min(maxRecord, math.MaxUint32) {
		return dst, ErrTooLarge
	}
	at := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, uint32(size))
	dst = binary.BigEndian.AppendUint64(dst, seq)
	dst = binary.BigEndian.AppendUint32(dst, check)
	return binary.BigEndian.AppendUint32(dst, crc32.Checksum(dst[at:], castagnoli)), nil
}

// appendRecord appends a whole record.
func appendRecord(dst []byte, seq uint64, payload ...[]byte) ([]byte, error) {
	dst, err := appendHeader(dst, seq, payload)
	if err != nil {
		return dst, err
	}
	for _, p := range payload {
		dst = append(dst, p...)
	}
	return dst, nil
}

// parseHeader reads a header; ok is false when it is none.
func parseHeader(b []byte) (h header, ok bool) {
	h = header{binary.BigEndian.Uint32(b), binary.BigEndian.Uint64(b[4:]), binary.BigEndian.Uint32(b[12:])}
	return h, crc32.Checksum(b[:16], castagnoli) == binary.BigEndian.Uint32(b[16:]) && h.size <= maxRecord
}

func (h header) holds(payload []byte) bool { return crc32.Checksum(payload, castagnoli) == h.check }

// found is what stands at a position of a segment.
type found uint8

const (
	foundRecord found = iota
	foundEnd          // nothing more
	foundTorn         // the beginning of a record, and the end of the file
	foundBad          // something else
)

// look finds the record at b's beginning, which must not have a number below next.
func look(b []byte, next uint64) (h header, payload []byte, f found, why string) {
	if len(b) == 0 {
		return h, nil, foundEnd, ""
	}
	if len(b) < headerSize {
		return h, nil, foundTorn, ""
	}
	h, ok := parseHeader(b)
	switch {
	case !ok && zero(b):
		return h, nil, foundTorn, "" // the file grew, and its bytes never came
	case !ok:
		return h, nil, foundBad, "the header's check is wrong"
	case h.seq < next:
		return h, nil, foundBad, "the record's number went back"
	case uint64(len(b)-headerSize) < uint64(h.size):
		return h, nil, foundTorn, ""
	}
	payload = b[headerSize : headerSize+int(h.size)]
	if !h.holds(payload) {
		return h, nil, foundBad, "the record's check is wrong"
	}
	return h, payload, foundRecord, ""
}

func zero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// resync finds the next record behind damage, len(b) when there is none.
func resync(b []byte, next uint64) int {
	for at := 1; at+headerSize <= len(b); at++ {
		if h, ok := parseHeader(b[at:]); ok && h.seq >= next {
			return at
		}
	}
	return len(b)
}
