package packet

import (
	"encoding/binary"
	"fmt"
)

// Types of options; the highest bit marks the last one of a packet.
const (
	optionLength   = 0x00
	optionFragment = 0x01
	optionNAKList  = 0x02
	optionFin      = 0x0e
	optionEnd      = 0x80
)

// options is the run of options of one packet, OPT_LENGTH included. Those that are
// not known here are passed over.
type options struct{ all []byte }

// splitOptions finds the options at the front of p, and checks their lengths. The
// first is OPT_LENGTH, which has the length of all of them, itself included (RFC
// 3208, section 9.1).
func splitOptions(p []byte) (options, error) {
	if len(p) < 4 {
		return options{}, fmt.Errorf("%w: %d bytes of options", ErrShort, len(p))
	}
	total := int(binary.BigEndian.Uint16(p[2:]))
	switch {
	case p[0] != optionLength || p[1] != 4:
		return options{}, fmt.Errorf("%w: the first option is not OPT_LENGTH", ErrLength)
	case total < 4 || total > len(p):
		return options{}, fmt.Errorf("%w: options of %d bytes in %d", ErrLength, total, len(p))
	}
	o := options{p[:total]}
	for at := 4; at < total; at += int(p[at+1]) {
		if total-at < 4 || p[at+1] < 4 || int(p[at+1]) > total-at {
			return options{}, fmt.Errorf("%w: an option reaches beyond the others", ErrLength)
		}
	}
	return o, nil
}

// find is what follows type and length of an option, nil when it is not there.
func (o options) find(kind byte) []byte {
	for at := 4; at < len(o.all); at += int(o.all[at+1]) {
		if o.all[at]&^optionEnd == kind {
			return o.all[at+2 : at+int(o.all[at+1])]
		}
	}
	return nil
}

func (o options) has(kind byte) bool { return o.find(kind) != nil }

// appendOption appends OPT_LENGTH and one option with the given contents.
func appendOption(dst []byte, kind byte, contents []byte) []byte {
	n := 2 + len(contents)
	dst = append(dst, optionLength, 4)
	dst = binary.BigEndian.AppendUint16(dst, uint16(4+n))
	dst = append(dst, kind|optionEnd, byte(n))
	return append(dst, contents...)
}
