package packet

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// unhex reads bytes as a dump shows them.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var (
	source = netip.MustParseAddr("10.77.0.1")
	group  = netip.MustParseAddr("239.192.1.1")
)

// Captured from Debian's libzmq 4.3.4 between two network namespaces, except where
// it says otherwise.
var golden = map[string]string{
	"spm":   "458b15b3 00000d65 b7c6d1bc038a0000 00000000 00000000 ffffffff 00010000 0a4d0001",
	"odata": "458b15b3 04004897 b7c6d1bc038a0013 00000000 00000000 0000 0701 746f70696330 0800 68656c6c6f2d30",
	"nak": "15b366a3 080371f6 b7c6d1bc038a0000 00000011 00010000 0a4d0001 00010000 efc00101" +
		"00040018 8214ff00 00000012 00000013 00000014 00000015",
	"ncf": "66a315b3 0a03bef6 b7c6d1bc038a0000 00000011 00010000 0a4d0001 00010000 efc00101" +
		"00040018 8214b000 00000012 00000013 00000014 00000015",
	"rdata": "66a315b3 050033ec b7c6d1bc038a0015 00000011 00000000 0000 0801 746f7069633137 0900 68656c6c6f2d3137",
	// The last four bytes are OPT_FIN; the checksum is ours.
	"fin": "458b15b3 00017f48 b7c6d1bc038a0000 00000001 00000000 0000000a 00010000 0a4d0001 00040008 8e040000",
}

var (
	pub     = Header{SourcePort: 0x458b, DestPort: 5555, GSI: GSI{0xb7, 0xc6, 0xd1, 0xbc, 0x03, 0x8a}}
	pub2    = Header{SourcePort: 0x66a3, DestPort: 5555, GSI: pub.GSI}
	sub2    = Header{SourcePort: 5555, DestPort: 0x66a3, GSI: pub.GSI}
	missing = []uint32{0x11, 0x12, 0x13, 0x14, 0x15}
)

func TestParseGolden(t *testing.T) {
	head := func(name string, typ Type, tsi TSI) (Header, []byte) {
		t.Helper()
		h, rest, err := ParseHeader(unhex(t, golden[name]))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if h.Type != typ || h.TSI() != tsi || h.Group() != 5555 {
			t.Errorf("%s: type %d of %v at group port %d", name, h.Type, h.TSI(), h.Group())
		}
		return h, rest
	}
	first, second := TSI{pub.GSI, 0x458b}, TSI{pub.GSI, 0x66a3}

	h, rest := head("spm", TypeSPM, first)
	if s, err := h.SPM(rest); err != nil || s != (SPM{Lead: 0xffffffff, NLA: source}) {
		t.Errorf("spm is %+v, %v", s, err)
	}
	h, rest = head("fin", TypeSPM, first)
	if s, err := h.SPM(rest); err != nil || s != (SPM{Sqn: 1, Lead: 10, NLA: source, Fin: true}) {
		t.Errorf("spm with OPT_FIN is %+v, %v", s, err)
	}
	h, rest = head("odata", TypeODATA, first)
	if d, err := h.Data(rest); err != nil || d.Sqn != 0 || d.Trail != 0 || string(d.Body) != "\x00\x00\x07\x01topic0\x08\x00hello-0" {
		t.Errorf("odata is %+v, %v", d, err)
	}
	h, rest = head("rdata", TypeRDATA, second)
	if d, err := h.Data(rest); err != nil || d.Sqn != 0x11 || d.Trail != 0 || string(d.Body) != "\x00\x00\x08\x01topic17\x09\x00hello-17" {
		t.Errorf("rdata is %+v, %v", d, err)
	}
	for name, typ := range map[string]Type{"nak": TypeNAK, "ncf": TypeNCF} {
		h, rest = head(name, typ, second)
		if n, err := h.NAK(rest); err != nil || n.Source != source || n.Group != group || !slices.Equal(n.Sqns, missing) {
			t.Errorf("%s is %+v, %v", name, n, err)
		}
	}
}

func TestAppendGolden(t *testing.T) {
	rdata := pub2.AppendData(nil, Data{Sqn: 0x11, Trail: 0x10, Body: []byte("\x00\x00\x08\x01topic17\x09\x00hello-17")})
	Repeat(rdata, 0)
	for name, got := range map[string][]byte{
		"spm":   pub.AppendSPM(nil, SPM{Lead: 0xffffffff, NLA: source}),
		"fin":   pub.AppendSPM(nil, SPM{Sqn: 1, Lead: 10, NLA: source, Fin: true}),
		"odata": pub.AppendData(nil, Data{Body: []byte("\x00\x00\x07\x01topic0\x08\x00hello-0")}),
		"rdata": rdata,
	} {
		if want := unhex(t, golden[name]); !bytes.Equal(got, want) {
			t.Errorf("%s:\n got %x\nwant %x", name, got, want)
		}
	}
	// OpenPGM leaves the flags of its lists as they happen to be, so that these two
	// and the checksum differ.
	for name, got := range map[string][]byte{
		"nak": sub2.AppendNAK(nil, TypeNAK, NAK{missing, source, group}),
		"ncf": pub2.AppendNAK(nil, TypeNCF, NAK{missing, source, group}),
	} {
		want := unhex(t, golden[name])
		want[42], want[43], want[6], want[7] = 0, 0, got[6], got[7]
		if !bytes.Equal(got, want) {
			t.Errorf("%s:\n got %x\nwant %x", name, got, want)
		}
		if _, _, err := ParseHeader(got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// parse reads a packet of any type as far as it is understood.
func parse(p []byte) (any, error) {
	h, rest, err := ParseHeader(p)
	if err != nil {
		return nil, err
	}
	switch h.Type {
	case TypeSPM:
		return h.SPM(rest)
	case TypeODATA, TypeRDATA:
		return h.Data(rest)
	case TypeNAK, TypeNCF, TypeNNAK:
		return h.NAK(rest)
	}
	return h, nil
}

// resum makes the checksum right again.
func resum(p []byte) []byte {
	p[6], p[7] = 0, 0
	seal(p)
	return p
}

func TestTruncated(t *testing.T) {
	for name, text := range golden {
		whole := unhex(t, text)
		for n := range whole {
			if _, err := parse(whole[:n]); err == nil {
				t.Errorf("%s: %d of %d bytes were taken", name, n, len(whole))
			}
			if n < HeaderSize {
				continue
			}
			if _, err := parse(resum(bytes.Clone(whole[:n]))); err == nil {
				t.Errorf("%s: %d of %d bytes with a good checksum were taken", name, n, len(whole))
			}
		}
	}
}

// One bit that is not as it was sent shows.
func TestFlippedBit(t *testing.T) {
	for name, text := range golden {
		whole := unhex(t, text)
		for bit := range len(whole) * 8 {
			p := bytes.Clone(whole)
			p[bit/8] ^= 1 << (bit % 8)
			if _, _, err := ParseHeader(p); !errors.Is(err, ErrChecksum) {
				t.Errorf("%s: bit %d flipped: %v", name, bit, err)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	change := func(name string, at int, to ...byte) []byte {
		p := unhex(t, golden[name])
		copy(p[at:], to)
		return resum(p)
	}
	list := func(n int) []byte {
		return sub2.AppendNAK(nil, TypeNAK, NAK{make([]uint32, n), source, group})
	}
	for _, c := range []struct {
		name string
		p    []byte
		want error
	}{
		{"no checksum on data", func() []byte { p := unhex(t, golden["odata"]); p[6], p[7] = 0, 0; return p }(), ErrChecksum},
		{"no checksum on an spm", func() []byte { p := unhex(t, golden["spm"]); p[6], p[7] = 0, 0; return p }(), nil},
		{"data length too small", change("odata", 14, 0, 0x12), ErrLength},
		{"data length too large", change("odata", 14, 0xff, 0xff), ErrLength},
		{"parity", change("odata", 5, 0x80), ErrOption},
		{"nak for parity", change("nak", 5, 0x83), ErrOption},
		{"ipv6", change("spm", 28, 0, 2), ErrFamily},
		{"ipv6 group", change("nak", 28, 0, 2), ErrFamily},
		{"options without OPT_LENGTH", change("nak", 36, 2), ErrLength},
		{"options of no bytes", change("nak", 38, 0, 0), ErrLength},
		{"options beyond the packet", change("nak", 38, 0, 0x19), ErrLength},
		{"option of no bytes", change("nak", 41, 0), ErrLength},
		{"option beyond the others", change("nak", 41, 0x15), ErrLength},
		{"half a number in a list", append(list(2)[:0:0], resum(change("nak", 38, 0, 0x16))...), ErrLength},
		{"longest list", list(MaxList), nil},
		{"list too long", list(MaxList + 1), ErrLength},
		{"fragment", resum(append(pub.append(nil, TypeODATA, optPresent, 0), 0, 0, 0, 1, 0, 0, 0, 0, 0, 4, 0, 8, 0x81, 4, 0, 0)), ErrOption},
		{"unknown option on data", resum(append(pub.append(nil, TypeODATA, optPresent, 2), 0, 0, 0, 1, 0, 0, 0, 0, 0, 4, 0, 8, 0xa1, 4, 0, 0, 0xff, 0xff)), nil},
	} {
		_, err := parse(c.p)
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

// The sum over 32-bit words at once is that of RFC 1071, word by word.
func TestChecksum(t *testing.T) {
	p := make([]byte, 0, 300)
	for i := range 300 {
		want := uint32(0)
		for at := 0; at < len(p); at += 2 {
			word := uint32(p[at]) << 8
			if at+1 < len(p) {
				word |= uint32(p[at+1])
			}
			if want += word; want > 0xffff {
				want -= 0xffff
			}
		}
		if got := fold(add(0, p)); got != uint16(want) {
			t.Fatalf("sum of %d bytes is %#x, want %#x", len(p), got, want)
		}
		p = append(p, byte(251*i+i/7))
	}
}

// What cannot come from a sender of ours may come from another: the only thing that
// parsing owes us is that what it takes can be said again.
func FuzzParse(f *testing.F) {
	for _, text := range golden {
		f.Add(unhex(f, text))
	}
	f.Add(sub2.AppendNAK(nil, TypeNAK, NAK{make([]uint32, MaxList), source, group}))
	f.Add(sub2.AppendSPMR(nil))
	f.Fuzz(func(t *testing.T, p []byte) {
		for _, p := range [][]byte{p, sealed(p)} {
			again(t, p)
		}
	})
}

// sealed is p with a good checksum, so that the fuzzer gets beyond it.
func sealed(p []byte) []byte {
	if len(p) < HeaderSize {
		return p
	}
	return resum(bytes.Clone(p))
}

func again(t *testing.T, p []byte) {
	before := bytes.Clone(p)
	what, err := parse(p)
	if err != nil {
		return
	}
	h, _, _ := ParseHeader(p)
	var q []byte
	switch v := what.(type) {
	case SPM:
		q = h.AppendSPM(nil, v)
	case NAK:
		q = h.AppendNAK(nil, h.Type, v)
	case Data:
		if q = h.AppendData(nil, v); h.Type == TypeRDATA {
			Repeat(q, v.Trail)
		}
	default:
		return
	}
	if !bytes.Equal(p, before) {
		t.Fatal("parsing changed the packet")
	}
	got, err := parse(q)
	if err != nil || !same(got, what) {
		t.Fatalf("%x\nis %+v,\nsaid again %+v, %v", p, what, got, err)
	}
}

func same(a, b any) bool {
	switch a := a.(type) {
	case NAK:
		b := b.(NAK)
		return slices.Equal(a.Sqns, b.Sqns) && a.Source == b.Source && a.Group == b.Group
	case Data:
		b := b.(Data)
		return a.Sqn == b.Sqn && a.Trail == b.Trail && bytes.Equal(a.Body, b.Body)
	}
	return a == b
}
