package wire

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestMetadataGolden(t *testing.T) {
	properties := []Property{{"Socket-Type", []byte("DEALER")}, {"Identity", nil}, {"X-key", []byte("v")}}
	want := "\x0bSocket-Type\x00\x00\x00\x06DEALER\x08Identity\x00\x00\x00\x00\x05X-key\x00\x00\x00\x01v"
	got := AppendMetadata(nil, properties)
	if string(got) != want {
		t.Fatalf("encoded %q, want %q", got, want)
	}
	parsed, err := ParseMetadata(got)
	if err != nil || fmt.Sprintf("%q", parsed) != fmt.Sprintf("%q", properties) {
		t.Fatalf("parsed %q, %v", parsed, err)
	}
}

// TestMetadataPrefixes checks every part of a good block: only at the borders of
// properties does it end well.
func TestMetadataPrefixes(t *testing.T) {
	first := AppendProperty(nil, "Socket-Type", []byte("SUB"))
	whole := AppendProperty(bytes.Clone(first), "X-a", []byte("1"))
	for n := range len(whole) {
		properties, err := ParseMetadata(whole[:n])
		if border := n == 0 || n == len(first); border != (err == nil) {
			t.Errorf("%d of %d bytes: %q, %v", n, len(whole), properties, err)
		}
	}
}

func TestMetadataRejected(t *testing.T) {
	many := func(n int) (b []byte) {
		for i := range n {
			b = AppendProperty(b, fmt.Sprint("X-", i), nil)
		}
		return b
	}
	if _, err := ParseMetadata(many(MaxProperties)); err != nil {
		t.Errorf("%d properties: %v", MaxProperties, err)
	}
	full := AppendProperty(nil, "X", make([]byte, MaxMetadata-6))
	if _, err := ParseMetadata(full); err != nil {
		t.Errorf("%d bytes: %v", len(full), err)
	}
	tests := map[string][]byte{
		"too many":          many(MaxProperties + 1),
		"too large":         AppendProperty(nil, "X", make([]byte, MaxMetadata-5)),
		"no name":           []byte("\x00\x00\x00\x00\x01x"),
		"value of 4 GiB":    []byte("\x01X\xff\xff\xff\xffx"),
		"value of 2^31":     []byte("\x01X\x80\x00\x00\x00x"),
		"value one too big": []byte("\x01X\x00\x00\x00\x02x"),
		"name overruns":     []byte("\xffX\x00\x00\x00\x00"),
		"twice":             AppendMetadata(nil, []Property{{"X-a", nil}, {"X-a", nil}}),
		"twice, other case": AppendMetadata(nil, []Property{{"Identity", nil}, {"IDENTITY", nil}}),
	}
	for name, b := range tests {
		if _, err := ParseMetadata(b); codeOf(err) != CodeInvalidMetadata {
			t.Errorf("%s: %v, want code %#x", name, err, CodeInvalidMetadata)
		}
	}
}

func TestMetadataValuesAreClipped(t *testing.T) {
	neighbour := strings.Repeat("2", 20)
	b := AppendMetadata(nil, []Property{{"A", []byte("1")}, {"B", []byte(neighbour)}})
	properties, err := ParseMetadata(b)
	if err != nil {
		t.Fatal(err)
	}
	_ = append(properties[0].Value, "overwritten"...)
	if string(properties[1].Value) != neighbour {
		t.Error("appending to one value reached its neighbour")
	}
}

func TestLookupIgnoresCase(t *testing.T) {
	properties := []Property{{"socket-TYPE", []byte("PUB")}}
	if v, ok := Lookup(properties, "Socket-Type"); !ok || string(v) != "PUB" {
		t.Errorf("Lookup = %q, %v", v, ok)
	}
	if _, ok := Lookup(properties, "Socket-Typ"); ok {
		t.Error("found a property that is not there")
	}
}

func TestCheckProperties(t *testing.T) {
	good := []Property{{"X-a", []byte("1")}, {strings.Repeat("n", 255), nil}}
	if err := CheckProperties(good); err != nil {
		t.Error(err)
	}
	bad := map[string][]Property{
		"empty name":    {{"", nil}},
		"long name":     {{strings.Repeat("n", 256), nil}},
		"reserved":      {{"socket-type", nil}},
		"reserved too":  {{"IDENTITY", nil}},
		"twice":         {{"X-a", nil}, {"x-A", nil}},
		"too many":      make([]Property, MaxProperties),
		"too much data": {{"X-a", make([]byte, MaxMetadata)}},
	}
	for i := range bad["too many"] {
		bad["too many"][i].Name = fmt.Sprint("X-", i)
	}
	for name, properties := range bad {
		if CheckProperties(properties) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzMetadata(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(AppendMetadata(nil, []Property{{"Socket-Type", []byte("DEALER")}, {"Identity", []byte("id")}}))
	f.Add([]byte("\x01X\xff\xff\xff\xffx"))
	f.Fuzz(func(t *testing.T, b []byte) {
		properties, err := ParseMetadata(b)
		if err != nil {
			return
		}
		if again := AppendMetadata(nil, properties); !bytes.Equal(again, b) {
			t.Fatalf("%x became %x", b, again)
		}
	})
}
