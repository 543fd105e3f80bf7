package ws

import (
	"bytes"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/wire"
)

// silent hears no pings.
type silent struct{}

func (silent) heardPing([]byte) {}

// unhex reads bytes that are written with spaces between them.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// frame is one of ZMTP.
func frame(flags byte, body []byte) []byte {
	return append(wire.AppendHeader(nil, flags, len(body)), body...)
}

// golden are frames of ZMTP, and what a server makes of them: the first bytes of what
// there is on the wire, and its length.
var golden = []struct {
	name  string
	zmtp  []byte
	head  string
	total int
}{
	{"empty", frame(0, nil), "82 01 00", 3},
	{"one byte", frame(0, []byte("a")), "82 02 00 61", 4},
	{"more", frame(wire.FlagMore, []byte("ab")), "82 03 01 61 62", 5},
	{"READY", frame(wire.FlagCommand, []byte("\x05READY\x0bSocket-Type\x00\x00\x00\x03PUB")), "82 1a 02 05 52 45 41 44 59", 28},
	{"SUBSCRIBE of 3.0", frame(0, []byte("\x01abc")), "82 05 00 01 61 62 63", 7},
	{"short, the longest", frame(0, make([]byte, 124)), "82 7d 00", 127},
	{"in two bytes", frame(0, make([]byte, 125)), "82 7e 00 7e 00", 130},
	{"short for ZMTP only", frame(0, make([]byte, 255)), "82 7e 01 00 00", 260},
	{"large for ZMTP", frame(wire.FlagMore, make([]byte, 256)), "82 7e 01 01 01", 261},
	{"in two bytes, the longest", frame(0, make([]byte, 65534)), "82 7e ff ff 00", 65539},
	{"in eight bytes", frame(0, make([]byte, 65535)), "82 7f 00 00 00 00 00 01 00 00 00", 65546},
	{"PING", wire.AppendPing(nil, 7, []byte("context")), "89 00", 2},
	{"PONG", wire.AppendPong(nil, []byte("x")), "8a 04 6c 61 73 74", 6},
	{"a message that looks like PING", frame(0, []byte("\x04PING\x00\x00")), "82 08 00 04 50 49 4e 47 00 00", 10},
}

func lastPing(dst []byte) []byte { return append(dst, "last"...) }

func TestGoldenOut(t *testing.T) {
	for _, g := range golden {
		var b bytes.Buffer
		o := outbound{pong: lastPing}
		n, err := o.write(&b, g.zmtp)
		if n != len(g.zmtp) || err != nil {
			t.Errorf("%s: wrote %d of %d, %v", g.name, n, len(g.zmtp), err)
		}
		if b.Len() != g.total || !bytes.HasPrefix(b.Bytes(), unhex(t, g.head)) {
			t.Errorf("%s: %d bytes % x, want %d beginning with %s", g.name, b.Len(), b.Bytes()[:min(b.Len(), 16)], g.total, g.head)
		}
	}
}

// A client masks: under the mask there is what a server would have sent.
func TestGoldenMasked(t *testing.T) {
	for _, g := range golden {
		var b, plain bytes.Buffer
		o, s := outbound{client: true, pong: lastPing}, outbound{pong: lastPing}
		if _, err := o.write(&b, g.zmtp); err != nil {
			t.Fatal(err)
		}
		if _, err := s.write(&plain, g.zmtp); err != nil {
			t.Fatal(err)
		}
		raw := b.Bytes()
		size := headerSize(raw)
		h, err := parseHeader(raw[:size], true)
		if h.op == opBinary && err != nil || len(raw) != plain.Len()+4 {
			t.Fatalf("%s: %v, %d bytes for %d", g.name, err, len(raw), plain.Len())
		}
		for i := range raw[size:] {
			raw[size+i] ^= h.key[i%4]
		}
		if want := plain.Bytes()[size-4:]; !bytes.Equal(raw[size:], want) {
			t.Errorf("%s: under the mask there is another payload", g.name)
		}
	}
	o := outbound{client: true, pong: lastPing}
	seen := map[[4]byte]bool{}
	for range 1000 {
		seen[o.keys.next()] = true
	}
	if len(seen) < 999 {
		t.Errorf("%d keys in 1000 frames", len(seen))
	}
}

// read translates pieces that come one by one.
func read(in *inbound, pieces ...[]byte) (zmtp []byte, err error) {
	for _, p := range pieces {
		from := lead(len(p) + 64)
		b := append(make([]byte, from), p...)
		n, err := in.translate(b, from)
		zmtp = append(zmtp, b[:n]...)
		if err != nil {
			return zmtp, err
		}
	}
	return zmtp, nil
}

func TestGoldenIn(t *testing.T) {
	for _, c := range []struct{ name, ws, zmtp string }{
		{"empty", "82 01 00", "00 00"},
		{"more", "82 03 01 61 62", "01 02 61 62"},
		{"command", "82 04 02 02 61 62", "04 03 02 61 62"},
		{"two", "82 02 01 61 82 02 00 62", "01 01 61 00 01 62"},
		{"ping between two", "82 02 01 61 89 02 78 79 82 02 00 62", "01 01 61 04 07 04 50 49 4e 47 00 00 00 01 62"},
		{"many pings", "89 00 89 00 89 00", "04 07 04 50 49 4e 47 00 00"},
		{"pong", "8a 00", "04 05 04 50 4f 4e 47"},
	} {
		got, err := read(&inbound{beats: silent{}}, unhex(t, c.ws))
		if err != nil || !bytes.Equal(got, unhex(t, c.zmtp)) {
			t.Errorf("%s: % x, %v; want %s", c.name, got, err, c.zmtp)
		}
	}
	got, err := read(&inbound{masked: true, beats: silent{}}, unhex(t, "82 83 01 02 03 04 00 63 61"))
	if want := unhex(t, "01 02 61 62"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("masked: % x, %v; want % x", got, err, want)
	}
}

// During the handshake ZMTP knows no PING; it is remembered, and answered later.
func TestPingDuringHandshake(t *testing.T) {
	in := inbound{quiet: 1, beats: silent{}}
	got, err := read(&in, unhex(t, "89 00 8a 00 82 02 02 61 89 00"))
	if want := unhex(t, "04 01 61 04 07 04 50 49 4e 47 00 00"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("% x, %v; want % x", got, err, want)
	}
}

// hostile are frames that a peer must not send.
var hostile = []struct {
	name, ws string
	masked   bool
	says     string
	status   uint16
}{
	{"text", "81 01 00", false, "text", 1003},
	{"first fragment", "02 02 00 61", false, "fragments", 1003},
	{"continuation", "80 01 61", false, "fragments", 1003},
	{"reserved bit", "c2 01 00", false, "reserved", 1002},
	{"unknown opcode", "83 01 00", false, "opcode", 1002},
	{"unknown control opcode", "8b 00", false, "opcode", 1002},
	{"no flags", "82 00", false, "empty", 1002},
	{"unknown flag", "82 01 04", false, "flags", 1002},
	{"both flags", "82 01 03", false, "flags", 1002},
	{"not masked", "82 01 00", true, "not masked", 1002},
	{"masked", "82 81 00 00 00 00 00", false, "masked", 1002},
	{"size in two bytes", "82 7e 00 7d 00", false, "spelt wrong", 1002},
	{"size in eight bytes", "82 7f 00 00 00 00 00 00 ff ff 00", false, "spelt wrong", 1002},
	{"size of 64 bits", "82 7f ff ff ff ff ff ff ff ff 00", false, "spelt wrong", 1002},
	{"large ping", "89 7e 00 7e", false, "126", 1002},
	{"ping in fragments", "09 00", false, "fragments", 1002},
	{"close of one byte", "88 01 00", false, "one byte", 1002},
}

func TestHostileFrames(t *testing.T) {
	for _, h := range hostile {
		got, err := read(&inbound{masked: h.masked, beats: silent{}}, unhex(t, h.ws))
		var b *brokenError
		if !asBroken(err, &b) || !strings.Contains(err.Error(), h.says) || b.status != h.status || b.Code != wire.CodeWebSocket {
			t.Errorf("%s: %v; want %q and status %d", h.name, err, h.says, h.status)
		}
		if len(got) > 0 {
			t.Errorf("%s: got % x before the error", h.name, got)
		}
	}
}

// What came before an error is delivered, and a Close frame ends the stream.
func TestCloseFrames(t *testing.T) {
	for _, c := range []struct {
		ws  string
		eof bool
	}{
		{"88 00", true}, {"88 02 03 e8", true}, {"88 02 03 e9", true}, {"88 05 03 ea 62 61 64", false},
	} {
		got, err := read(&inbound{beats: silent{}}, unhex(t, "82 02 00 61"+c.ws))
		if string(got) != "\x00\x01a" || (err == io.EOF) != c.eof || !isEOF(err) {
			t.Errorf("%s: %q, %v", c.ws, got, err)
		}
	}
}

// stream is some frames of ZMTP.
func stream(r *rand.Rand, frames int) []byte {
	sizes := []int{0, 1, 5, 124, 125, 126, 254, 255, 256, 257, 1000, 8191, 65534, 65535, 65536, 100000}
	var s []byte
	for range frames {
		body := make([]byte, sizes[r.IntN(len(sizes))])
		for i := range body {
			body[i] = byte(r.Uint32())
		}
		s = append(s, frame([]byte{0, wire.FlagMore}[r.IntN(2)], body)...)
	}
	return s
}

// split cuts b into random pieces.
func split(r *rand.Rand, b []byte) (pieces [][]byte) {
	for len(b) > 0 {
		n := 1 + r.IntN(min(len(b), []int{3, 20, 2000, 100000}[r.IntN(4)]))
		pieces = append(pieces, b[:n])
		b = b[n:]
	}
	return pieces
}

// Both directions together change nothing, however the bytes come in pieces.
func TestThereAndBack(t *testing.T) {
	for seed := range uint64(24) {
		r := rand.New(rand.NewPCG(seed, 1))
		want := stream(r, 12)
		client := seed%2 == 0
		var b bytes.Buffer
		o := outbound{client: client, pong: lastPing}
		for _, p := range split(r, want) {
			keep := bytes.Clone(p)
			if n, err := o.write(&b, p); n != len(p) || err != nil {
				t.Fatal(n, err)
			}
			if !bytes.Equal(p, keep) {
				t.Fatal("what was given to be written has changed")
			}
		}
		got, err := read(&inbound{masked: client, beats: silent{}}, split(r, b.Bytes())...)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("seed %d: %d bytes came back for %d, %v", seed, len(got), len(want), err)
		}
	}
}

// Every prefix of a good stream gives a prefix of what the whole gives.
func TestPrefixes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	want := slices.Concat(frame(1, []byte("a")), frame(0, make([]byte, 300)), frame(0, nil), frame(4, []byte("\x05READY")), stream(r, 0))
	for _, client := range []bool{false, true} {
		var b bytes.Buffer
		o := outbound{client: client, pong: lastPing}
		_, _ = o.write(&b, want)
		for n := range b.Len() {
			got, err := read(&inbound{masked: client, beats: silent{}}, b.Bytes()[:n])
			if err != nil || !bytes.HasPrefix(want, got) {
				t.Fatalf("%d bytes: % x, %v", n, got, err)
			}
		}
	}
}

// cutter takes so many bytes and then fails.
type cutter struct{ room int }

func (c *cutter) Write(p []byte) (int, error) {
	n := min(c.room, len(p))
	c.room -= n
	if n < len(p) {
		return n, io.ErrClosedPipe
	}
	return n, nil
}

// When writing breaks off, the count says which frames are wholly written: what is not
// will be sent again on another connection, and what is must not be.
func TestWrittenCount(t *testing.T) {
	var zmtp []byte
	var ends []int // of frames, in ZMTP
	for _, size := range []int{0, 10, 300, 20000, 1, 70000, 5} {
		zmtp = append(zmtp, frame(0, make([]byte, size))...)
		ends = append(ends, len(zmtp))
	}
	for _, client := range []bool{false, true} {
		whole := &bytes.Buffer{}
		o := outbound{client: client, pong: lastPing}
		_, _ = o.write(whole, zmtp)
		for room := 0; room < whole.Len(); room += 1 + room/50 {
			o := outbound{client: client, pong: lastPing}
			n, err := o.write(&cutter{room}, zmtp)
			if err == nil || !o.cut {
				t.Fatal("cut off, and no error")
			}
			arrived, _ := read(&inbound{masked: client, beats: silent{}}, bytes.Clone(whole.Bytes()[:room]))
			for _, end := range ends {
				if (n >= end) != (len(arrived) >= end) {
					t.Fatalf("%d of %d bytes written, %d counted, %d arrive", room, whole.Len(), n, len(arrived))
				}
			}
		}
	}
}

// What is told while a Write waits is right at each time: what it says is written arrives.
func TestWriteTold(t *testing.T) {
	var zmtp []byte
	var ends []int
	for _, size := range []int{0, 10, 300, 20000, 1, 70000, 5, 40000, 3} {
		zmtp = append(zmtp, frame(0, make([]byte, size))...)
		ends = append(ends, len(zmtp))
	}
	for _, client := range []bool{false, true} {
		for _, step := range []int{len(zmtp), 9000, 777} {
			o := outbound{client: client, pong: lastPing}
			g, to := gauges.New().(*gauge), &sink{}
			at, times := 0, 0
			g.nc, g.out = to, &o
			g.told = func(n int64) {
				times++
				arrived, _ := read(&inbound{masked: client, beats: silent{}}, bytes.Clone(to.Bytes()))
				for _, end := range ends {
					if (at+int(n) >= end) != (len(arrived) >= end) {
						t.Fatalf("client %v: told of %d, and %d arrive", client, at+int(n), len(arrived))
					}
				}
			}
			for at < len(zmtp) {
				n, err := o.write(g, zmtp[at:min(at+step, len(zmtp))])
				if err != nil {
					t.Fatal(err)
				}
				at += n
			}
			if times == 0 && step > 16<<10 {
				t.Error("nothing was told")
			}
		}
	}
}

// sink is a connection that takes everything.
type sink struct {
	bytes.Buffer
	net.Conn
}

func (s *sink) Write(p []byte) (int, error) { return s.Buffer.Write(p) }
func (s *sink) Read(p []byte) (int, error)  { return s.Buffer.Read(p) }

func TestMask(t *testing.T) {
	for size := range 3000 {
		key := [4]byte{1, 2, 3, 4}
		b := make([]byte, size)
		m := maskOf(key)
		cut := size / 3
		m.apply(b[:cut])
		m.apply(b[cut:])
		for i, c := range b {
			if c != key[i%4] {
				t.Fatalf("size %d: byte %d is %d", size, i, c)
			}
		}
	}
}
