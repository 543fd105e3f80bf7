package wire

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/vectors"
)

func TestHeaderGolden(t *testing.T) {
	tests := []struct {
		flags byte
		size  int
		want  string
	}{
		{0, 0, "\x00\x00"},
		{FlagMore, 1, "\x01\x01"},
		{FlagCommand, 255, "\x04\xff"},
		{0, 256, "\x02\x00\x00\x00\x00\x00\x00\x01\x00"},
		{FlagMore, 65536, "\x03\x00\x00\x00\x00\x00\x01\x00\x00"},
		{FlagCommand, 256, "\x06\x00\x00\x00\x00\x00\x00\x01\x00"},
		{FlagLarge, 3, "\x00\x03"}, // the caller's LARGE counts for nothing
	}
	for _, tt := range tests {
		got := AppendHeader([]byte("before"), tt.flags, tt.size)
		if want := "before" + tt.want; string(got) != want {
			t.Errorf("AppendHeader(%#x, %d) = %q, want %q", tt.flags, tt.size, got, want)
		}
		flags, hdr, size, err := ParseHeader([]byte(tt.want + "body"))
		if flags != tt.want[0] || hdr != len(tt.want) || size != uint64(tt.size) || err != nil {
			t.Errorf("ParseHeader(%q) = %#x, %d, %d, %v", tt.want, flags, hdr, size, err)
		}
	}
}

func TestHeader1Golden(t *testing.T) {
	tests := []struct {
		flags byte
		size  int
		want  string
	}{
		{0, 0, "\x01\x00"},
		{FlagMore, 1, "\x02\x01"},
		{0, 253, "\xfe\x00"},
		{0, 254, "\xff\x00\x00\x00\x00\x00\x00\x00\xff\x00"},
		{FlagMore, 255, "\xff\x00\x00\x00\x00\x00\x00\x01\x00\x01"},
		{FlagCommand | FlagLarge, 1, "\x02\x00"},
	}
	for _, tt := range tests {
		if got := string(AppendHeader1(nil, tt.flags, tt.size)); got != tt.want {
			t.Errorf("AppendHeader1(%#x, %d) = %q, want %q", tt.flags, tt.size, got, tt.want)
		}
		flags, hdr, size, err := ParseHeader1([]byte(tt.want + "body"))
		if flags != tt.flags&FlagMore || hdr != len(tt.want) || size != uint64(tt.size) || err != nil {
			t.Errorf("ParseHeader1(%q) = %#x, %d, %d, %v", tt.want, flags, hdr, size, err)
		}
	}
}

func TestHeaderNeedsMore(t *testing.T) {
	for _, header := range []string{"\x00\x05", "\x01\xff", "\x04\x01", "\x02\x00\x00\x00\x00\x00\x00\x01\x00"} {
		for n := range len(header) {
			if _, hdr, _, err := ParseHeader([]byte(header[:n])); hdr != 0 || err != nil {
				t.Errorf("ParseHeader(%q) = length %d, %v, want 0, nil", header[:n], hdr, err)
			}
		}
	}
	for _, header := range []string{"\x05\x00", "\xff\x00\x00\x00\x00\x00\x00\x01\x00\x01"} {
		for n := range len(header) {
			if _, hdr, _, err := ParseHeader1([]byte(header[:n])); hdr != 0 || err != nil {
				t.Errorf("ParseHeader1(%q) = length %d, %v, want 0, nil", header[:n], hdr, err)
			}
		}
	}
}

// TestHeaderFlags goes through all flag bytes: six combinations are frames.
func TestHeaderFlags(t *testing.T) {
	legal := map[byte]bool{0: true, 1: true, 2: true, 3: true, 4: true, 6: true}
	for flags := range 256 {
		whole := append([]byte{byte(flags)}, make([]byte, 8)...)
		for n := 1; n <= len(whole); n++ {
			_, _, _, err := ParseHeader(whole[:n])
			if (err == nil) != legal[byte(flags)] {
				t.Errorf("flags %#02x, %d bytes: error %v", flags, n, err)
			}
		}
		_, _, _, err := ParseHeader1([]byte{5, byte(flags)})
		if (err == nil) != (flags <= 1) {
			t.Errorf("ZMTP 1.0, flags %#02x: error %v", flags, err)
		}
	}
}

func TestHeader1LengthZero(t *testing.T) {
	for _, p := range []string{"\x00", "\x00\x00", "\xff\x00\x00\x00\x00\x00\x00\x00\x00"} {
		if _, _, _, err := ParseHeader1([]byte(p)); !errors.Is(err, errLength1) {
			t.Errorf("ParseHeader1(%q) = %v, want %v", p, err, errLength1)
		}
	}
}

// TestHugeSizes checks that sizes beyond any int come out as they are, for the
// caller to compare with its limit.
func TestHugeSizes(t *testing.T) {
	v := vectors.Load(t)
	tests := []struct {
		name string
		want uint64
	}{
		{"frame_size_2_62", 1 << 62},
		{"frame_size_2_63", 1 << 63},
		{"frame_size_2_64_minus_1", math.MaxUint64},
	}
	for _, tt := range tests {
		_, hdr, size, err := ParseHeader(vectors.Named(t, v.Reject, tt.name))
		if hdr != 9 || size != tt.want || err != nil {
			t.Errorf("%s: header %d, size %d, %v; want 9, %d", tt.name, hdr, size, err, tt.want)
		}
	}
}

// splitFrames cuts a stream into "flags:body" strings.
func splitFrames(tb testing.TB, stream []byte) []string {
	tb.Helper()
	var frames []string
	for len(stream) > 0 {
		flags, hdr, size, err := ParseHeader(stream)
		if err != nil || hdr == 0 || size > uint64(len(stream)-hdr) {
			tb.Fatalf("bad frame %x: %v", stream, err)
		}
		end := hdr + int(size)
		frames = append(frames, fmt.Sprintf("%d:%s", flags, stream[hdr:end]))
		stream = stream[end:]
	}
	return frames
}

func TestFrameVectors(t *testing.T) {
	v := vectors.Load(t)
	x255, x256 := strings.Repeat("x", 255), strings.Repeat("x", 256)
	tests := []struct {
		name string
		want []string
	}{
		{"two_part_message", []string{"1:a", "0:b"}},
		{"empty_message", []string{"0:"}},
		{"message_255", []string{"0:" + x255}},
		{"message_256", []string{"2:" + x256}},
	}
	for _, tt := range tests {
		golden := vectors.Named(t, v.Frames, tt.name)
		if got := splitFrames(t, golden); fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: frames %q, want %q", tt.name, got, tt.want)
		}
		var again []byte
		for _, f := range tt.want {
			again = append(AppendHeader(again, f[0]-'0', len(f)-2), f[2:]...)
		}
		if !bytes.Equal(again, golden) {
			t.Errorf("%s: encoded %x, want %x", tt.name, again, golden)
		}
	}
}

func FuzzFrame(f *testing.F) {
	v := vectors.Load(f)
	for _, seeds := range []map[string]string{v.Frames, v.Reject} {
		for name := range seeds {
			f.Add(vectors.Named(f, seeds, name))
		}
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		checkHeader(t, p, ParseHeader, AppendHeader)
		checkHeader(t, p, ParseHeader1, AppendHeader1)
	})
}

// checkHeader checks that a header that parses, parses to the same again after
// it was encoded anew, and that no part of it does.
func checkHeader(t *testing.T, p []byte,
	parse func([]byte) (byte, int, uint64, error), appendHeader func([]byte, byte, int) []byte,
) {
	flags, hdr, size, err := parse(p)
	if err != nil || hdr == 0 || size > math.MaxInt64-1 {
		return
	}
	if _, short, _, err := parse(p[:hdr-1]); short != 0 || err != nil {
		t.Fatalf("%x parses without its last byte: %d, %v", p[:hdr], short, err)
	}
	again := appendHeader(nil, flags, int(size))
	flags2, hdr2, size2, err := parse(again)
	if flags2&^FlagLarge != flags&^FlagLarge || hdr2 != len(again) || size2 != size || err != nil {
		t.Fatalf("%x became %x: %d %d %d %v", p[:hdr], again, flags2, hdr2, size2, err)
	}
}

func BenchmarkParseHeader(b *testing.B) {
	p := []byte("\x00\x0512345")
	sum := 0
	for b.Loop() {
		_, hdr, size, _ := ParseHeader(p)
		sum += hdr + int(size)
	}
	if sum != 7*b.N {
		b.Fatal(sum)
	}
}
