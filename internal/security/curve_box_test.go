package security

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"testing"

	"golang.org/x/crypto/nacl/secretbox"

	"github.com/go-zactor/zactor/internal/wire"
)

// boxes returns the two ends of the connection in the vectors.
func (v *known) boxes(tb testing.TB) (client, server *curveBox) {
	tb.Helper()
	session := v.key(tb, "session_key_beforenm")
	return newCurveBox(session, nonceClient, nonceServer, clientMessages, serverReady),
		newCurveBox(session, nonceServer, nonceClient, serverMessages, clientInitiate)
}

func TestCurveMessageVectors(t *testing.T) {
	v := loadKnown(t)
	client, server := v.boxes(t)
	tests := []struct {
		name     string
		from, to *curveBox
		flags    byte
		payload  string
	}{
		{"message_c_n3_more_part_one", client, server, wire.FlagMore, "part one"},
		{"message_c_n4_last_part", client, server, 0, "last part"},
		{"message_c_n5_empty", client, server, 0, ""},
		{"message_s_n2_reply", server, client, 0, "reply"},
		{"message_c_n6_command_subscribe_topic", client, server, wire.FlagCommand, "\x09SUBSCRIBEtopic"},
		{"message_c_n7_command_ping_ttl10_ctx", client, server, wire.FlagCommand, "\x04PING\x00\x0actx"},
	}
	for _, tt := range tests {
		body := v.Command(t, tt.name)
		flags, payload, err := tt.to.Open(0, bytes.Clone(body))
		if flags != tt.flags || string(payload) != tt.payload || err != nil {
			t.Errorf("%s: opened %#x %q, %v", tt.name, flags, payload, err)
		}
		got := tt.from.Seal([]byte("before"), tt.flags, payload)
		want := append(wire.AppendHeader([]byte("before"), 0, len(body)), body...)
		if !bytes.Equal(got, want) {
			t.Errorf("%s: sealed\n%x, want\n%x", tt.name, got, want)
		}
	}
}

// TestAgainstSecretbox holds the box against the construction of x/crypto that it
// takes apart, for sizes around every border it has, both ways.
func TestAgainstSecretbox(t *testing.T) {
	v := loadKnown(t)
	session := v.key(t, "session_key_beforenm")
	client, server := v.boxes(t)
	for size := range 700 {
		if size > 200 {
			size *= 97
		}
		payload := bytes.Repeat([]byte{byte(size), 0x5a, 3}, size/3+1)[:size]
		counter := make([]byte, 8)
		binary.BigEndian.PutUint64(counter, client.send.counter)
		want := append([]byte(wire.NameMessage), counter...)
		want = secretbox.Seal(want, append([]byte{innerMore}, payload...), nonce(nonceClient, counter), session)

		got := client.Seal(nil, wire.FlagMore, payload)
		flags, hdr, n, err := wire.ParseHeader(got)
		if flags&^wire.FlagLarge != 0 || n != uint64(len(got)-hdr) || err != nil || !bytes.Equal(got[hdr:], want) {
			t.Fatalf("%d bytes: sealed %x, want %x", size, got, want)
		}
		inner, opened, err := server.Open(flags, want)
		if inner != wire.FlagMore || !bytes.Equal(opened, payload) || err != nil {
			t.Fatalf("%d bytes: opened %#x %x, %v", size, inner, opened, err)
		}
	}
}

func TestOuterFlags(t *testing.T) {
	v := loadKnown(t)
	for flags := range 256 {
		_, server := v.boxes(t)
		_, payload, err := server.Open(byte(flags), v.Command(t, "message_c_n3_more_part_one"))
		if flags == 0 || flags == wire.FlagLarge {
			if err != nil {
				t.Errorf("flags %#02x: %v", flags, err)
			}
		} else if codeOf(err) != wire.CodeMalformedMessage || payload != nil {
			t.Errorf("flags %#02x: %q, %v", flags, payload, err)
		}
	}
}

// sealRaw seals a plaintext as the client would, whatever is in it.
func sealRaw(session *[32]byte, prefix string, counter uint64, plain []byte) []byte {
	body := appendCounter([]byte(wire.NameMessage), counter)
	return secretbox.Seal(body, plain, nonce(prefix, body[counterAt:]), session)
}

func TestInnerFlags(t *testing.T) {
	v := loadKnown(t)
	want := map[byte]byte{0: 0, innerMore: wire.FlagMore, innerCommand: wire.FlagCommand}
	for inner := range 256 {
		_, server := v.boxes(t)
		body := sealRaw(v.key(t, "session_key_beforenm"), nonceClient, 3, []byte{byte(inner), 'x'})
		flags, payload, err := server.Open(0, body)
		if legal, ok := want[byte(inner)]; ok {
			if flags != legal || string(payload) != "x" || err != nil {
				t.Errorf("inner %#02x: %#x %q, %v", inner, flags, payload, err)
			}
		} else if codeOf(err) != wire.CodeMalformedMessage {
			t.Errorf("inner %#02x: %#x %q, %v", inner, flags, payload, err)
		}
	}
}

// TestCounters checks that only rising counters pass, that a forged one changes
// nothing, and that the last counter is the end.
func TestCounters(t *testing.T) {
	v := loadKnown(t)
	session := v.key(t, "session_key_beforenm")
	_, server := v.boxes(t)
	open := func(counter uint64, forge byte) error {
		body := sealRaw(session, nonceClient, counter, []byte{0, 'x'})
		body[len(body)-1] ^= forge
		_, _, err := server.Open(0, body)
		return err
	}
	tests := []struct {
		counter uint64
		forge   byte
		want    error
	}{
		{0, 0, errReplay},
		{2, 0, errReplay}, // that was INITIATE
		{3, 0, nil},
		{3, 0, errReplay},
		{1 << 40, 1, errCrypto},
		{4, 0, nil},
		{9, 0, nil},
		{8, 0, errReplay},
		{math.MaxUint64 - 1, 0, nil},
		{math.MaxUint64, 0, nil},
		{math.MaxUint64, 0, errReplay},
		{0, 0, errReplay},
		{3, 0, errReplay},
	}
	for i, tt := range tests {
		if err := open(tt.counter, tt.forge); !errors.Is(err, tt.want) {
			t.Errorf("%d: counter %d: %v, want %v", i, tt.counter, err, tt.want)
		}
	}

	client, _ := v.boxes(t)
	client.send.counter = math.MaxUint64 - 1
	if client.Seal([]byte("x"), 0, nil) == nil {
		t.Error("the last counter but one was not used")
	}
	for range 3 {
		if got := client.Seal([]byte("x"), 0, nil); got != nil {
			t.Errorf("sealed %x after the last counter", got)
		}
	}
}

func TestBoxClose(t *testing.T) {
	v := loadKnown(t)
	client, server := v.boxes(t)
	client.Close()
	server.Close()
	if client.Seal(nil, 0, []byte("x")) != nil {
		t.Error("sealed after Close")
	}
	if _, _, err := server.Open(0, v.Command(t, "message_c_n3_more_part_one")); err == nil {
		t.Error("opened after Close")
	}
	if client.send.key != [32]byte{} || client.recv.key != [32]byte{} {
		t.Error("keys were not cleared")
	}
}

// TestMessageDamage cuts and changes a message in every place.
func TestMessageDamage(t *testing.T) {
	v := loadKnown(t)
	good := v.Command(t, "message_c_n4_last_part")
	for n := range good {
		_, server := v.boxes(t)
		if _, payload, err := server.Open(0, bytes.Clone(good[:n])); codeOf(err) == 0 {
			t.Errorf("%d of %d bytes: %q, %v", n, len(good), payload, err)
		}
		for bit := range 8 {
			_, server := v.boxes(t)
			bad := bytes.Clone(good)
			bad[n] ^= 1 << bit
			if _, payload, err := server.Open(0, bad); codeOf(err) == 0 {
				t.Errorf("bit %d of byte %d: %q, %v", bit, n, payload, err)
			}
		}
	}
	_, server := v.boxes(t)
	if _, _, err := server.Open(0, []byte("\x05READY\x00\x00")); codeOf(err) != wire.CodeUnexpectedCommand {
		t.Errorf("another command: %v", err)
	}
}

func TestSealAllocates(t *testing.T) {
	v := loadKnown(t)
	client, server := v.boxes(t)
	payload := make([]byte, 1000)
	buf := make([]byte, 0, 2000)
	if n := testing.AllocsPerRun(100, func() {
		buf = client.Seal(buf[:0], 0, payload)
		if _, _, err := server.Open(0, buf[9:]); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("sealing and opening allocates %v times", n)
	}
}

func FuzzCurveMessage(f *testing.F) {
	v := loadKnown(f)
	session := v.key(f, "session_key_beforenm")
	f.Add(byte(0), uint64(3), []byte("\x01part one"), uint16(0), byte(0))
	f.Add(byte(1), uint64(4), []byte("\x02\x04PING"), uint16(40), byte(1))
	f.Add(byte(2), uint64(2), []byte{}, uint16(9), byte(255))
	f.Fuzz(func(t *testing.T, outer byte, counter uint64, plain []byte, at uint16, flip byte) {
		_, server := v.boxes(t)
		body := sealRaw(session, nonceClient, counter, plain)
		body[int(at)%len(body)] ^= flip
		flags, payload, err := server.Open(outer, body)
		legal := outer&^wire.FlagLarge == 0 && counter > clientInitiate && flip == 0 && len(plain) > 0 && plain[0] <= 2
		if legal != (err == nil) {
			t.Fatalf("outer %#x, counter %d, plain %x, flip %#x: %v", outer, counter, plain, flip, err)
		}
		if legal && (toInner(flags) != plain[0] || !bytes.Equal(payload, plain[1:])) {
			t.Fatalf("%x opened as %#x %x", plain, flags, payload)
		}
		if !legal && codeOf(err) == 0 {
			t.Fatalf("untyped error %v", err)
		}
	})
}

func BenchmarkCurveBox(b *testing.B) {
	v := loadKnown(b)
	for _, size := range []int{64, 1 << 10, 64 << 10} {
		payload := make([]byte, size)
		b.Run(fmt.Sprint("seal/", size), func(b *testing.B) {
			client, _ := v.boxes(b)
			buf := make([]byte, 0, size+64)
			b.SetBytes(int64(size))
			for b.Loop() {
				buf = client.Seal(buf[:0], 0, payload)
			}
		})
		b.Run(fmt.Sprint("secretbox/", size), func(b *testing.B) {
			key := v.key(b, "session_key_beforenm")
			buf := make([]byte, 0, size+64)
			var n [24]byte
			b.SetBytes(int64(size))
			for b.Loop() {
				buf = secretbox.Seal(buf[:0], payload, &n, key)
			}
		})
		b.Run(fmt.Sprint("open/", size), func(b *testing.B) {
			client, server := v.boxes(b)
			sealed := client.Seal(nil, 0, payload)
			_, hdr, _, _ := wire.ParseHeader(sealed)
			buf := make([]byte, len(sealed)-hdr)
			b.SetBytes(int64(size))
			for b.Loop() {
				copy(buf, sealed[hdr:])
				server.recv.counter = 0
				if _, _, err := server.Open(0, buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
