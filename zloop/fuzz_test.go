package zloop

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

// FuzzFraming cuts a stream into messages, at once and as it comes in pieces: the same come
// out, and they end the same way. What is put into a stream comes out of it.
func FuzzFraming(f *testing.F) {
	f.Add([]byte("one\r\ntwo\n\n\rthree"), uint8(0), uint8(3))
	f.Add([]byte("\x00\x03abc\x00\x00\xff\xff"), uint8(2), uint8(1))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff"), uint8(8), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, size, piece uint8) {
		for _, max := range []int{0, 20, math.MaxInt} {
			framing := Lines(max)
			if size%9 > 0 {
				framing = LengthPrefixed(int(size%9), max)
			}
			whole, wholeErr := cutAll(framing, data, len(data)+1)
			pieces, piecesErr := cutAll(framing, data, int(piece)+1)
			if !slices.EqualFunc(whole, pieces, bytes.Equal) || (wholeErr == nil) != (piecesErr == nil) {
				t.Fatalf("at once %q, %v; in pieces %q, %v", whole, wholeErr, pieces, piecesErr)
			}
			if stream, err := framing.put(nil, data); err == nil {
				if back, err := cutAll(framing, stream, len(stream)+1); err != nil || len(back) != 1 || !bytes.Equal(back[0], data) {
					t.Fatalf("%q came back as %q, %v", data, back, err)
				}
			}
		}
	})
}

// cutAll cuts what comes in pieces.
func cutAll(f Framing, data []byte, piece int) (list [][]byte, err error) {
	var have []byte
	from := 0
	for len(data) > 0 {
		n := min(piece, len(data))
		have, data = append(have, data[:n]...), data[n:]
		for {
			m, n, err := f.cut(have, from)
			if err != nil {
				return list, err
			}
			if n == 0 {
				from = len(have)
				break
			}
			list, have, from = append(list, bytes.Clone(m)), have[n:], 0
		}
	}
	return list, nil
}
