package beacon

import (
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"
)

var elsewhere = netip.MustParseAddr("10.1.2.3")

func TestPeerFormatBytes(t *testing.T) {
	p := Peer{ID: "n1", Endpoints: []string{"tcp://*:5670"}, Values: map[string]string{"k": "v", "a": ""}}
	for _, test := range []struct {
		leaving bool
		hex     string
	}{
		{false, "5a504201" + "00" + "026e31" + "01" + "0c7463703a2f2f2a3a35363730" + "02" + "016100" + "016b0176"},
		{true, "5a504201" + "01" + "026e31" + "00" + "00"},
	} {
		b, err := PeerFormat.Append(nil, p, test.leaving)
		if err != nil || hex.EncodeToString(b) != test.hex {
			t.Fatalf("appended %x, %v: want %s", b, err, test.hex)
		}
		got, leaving, err := PeerFormat.Parse(b, elsewhere)
		if err != nil || leaving != test.leaving || got.ID != "n1" {
			t.Errorf("parsed %+v, %v, %v", got, leaving, err)
		}
		if !leaving && (len(got.Endpoints) != 1 || got.Endpoints[0] != "tcp://10.1.2.3:5670" || got.Values["k"] != "v" || len(got.Values) != 2) {
			t.Errorf("parsed %+v", got)
		}
		for n := range len(b) {
			if _, _, err := PeerFormat.Parse(b[:n], elsewhere); !errors.Is(err, ErrMalformedPeer) {
				t.Errorf("the first %d bytes: %v", n, err)
			}
		}
		if _, _, err := PeerFormat.Parse(append(b, 0), elsewhere); !errors.Is(err, ErrMalformedPeer) {
			t.Errorf("one byte more: %v", err)
		}
	}
}

func TestPeerFormatRefuses(t *testing.T) {
	for name, p := range map[string]Peer{
		"no ID":       {},
		"long ID":     {ID: strings.Repeat("x", 256)},
		"no endpoint": {ID: "x", Endpoints: []string{""}},
		"long value":  {ID: "x", Values: map[string]string{"k": strings.Repeat("v", 256)}},
		"long key":    {ID: "x", Values: map[string]string{strings.Repeat("v", 256): ""}},
		"many":        {ID: "x", Endpoints: make([]string, 256)},
	} {
		if b, err := PeerFormat.Append(nil, p, false); err == nil {
			t.Errorf("%s: appended %d bytes", name, len(b))
		}
	}
	u, err := NewUDP(t.Context(), nil, WithLoopback(true), WithPort(loopback(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	big := Peer{ID: "x", Values: map[string]string{"k": strings.Repeat("v", 250)}}
	if err := u.Announce(t.Context(), big); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a peer of more than 255 bytes: %v, want %v", err, ErrTooLarge)
	}
	for _, text := range []string{
		"5a504202000178" + "0000", "5a504201020178" + "0000", "5a5042010000" + "0000", // version, flag, no ID
		"5a504201000178" + "0100" + "00",                // an empty endpoint
		"5a504201000178" + "00" + "0201620001610000",    // keys out of order, one byte more
		"5a504201000178" + "00" + "020161000161" + "00", // a key twice
	} {
		if p, _, err := PeerFormat.Parse(unhex(t, text), elsewhere); !errors.Is(err, ErrMalformedPeer) {
			t.Errorf("%s: parsed %+v, %v", text, p, err)
		}
	}
}

func TestZREFormat(t *testing.T) {
	v := loadZRE(t)
	const id = "000102030405060708090A0B0C0D0E0F"
	for name, test := range map[string]struct {
		hex     string
		leaving bool
		peer    Peer
	}{
		"hello": {v.Hello, false, Peer{ID: id, Endpoints: []string{"tcp://10.1.2.3:49152"}}},
		"bye":   {v.Bye, true, Peer{ID: id}},
		"curve": {v.Curve, false, Peer{ID: id, Endpoints: []string{"tcp://10.1.2.3:49152"}, Values: map[string]string{"public-key": v.Curve[44:]}}},
	} {
		got, leaving, err := ZREFormat.Parse(unhex(t, test.hex), elsewhere)
		if err != nil || leaving != test.leaving || !got.Equal(test.peer) {
			t.Errorf("%s: parsed %+v, %v, %v", name, got, leaving, err)
		}
		b, err := ZREFormat.Append(nil, test.peer, leaving)
		if err != nil || hex.EncodeToString(b) != test.hex {
			t.Errorf("%s: appended %x, %v", name, b, err)
		}
	}
	six, _, err := ZREFormat.Parse(unhex(t, v.Hello), netip.MustParseAddr("fe80::1%eth0"))
	if err != nil || six.Endpoints[0] != "tcp://[fe80::1%eth0]:49152" {
		t.Errorf("%v, %v", six.Endpoints, err)
	}
	for name, p := range map[string]Peer{
		"no UUID": {ID: "x", Endpoints: []string{"tcp://*:1"}}, "no port": {ID: id, Endpoints: []string{"ipc://x"}},
		"short key": {ID: id, Endpoints: []string{"tcp://*:1"}, Values: map[string]string{"public-key": "00"}},
	} {
		if b, err := ZREFormat.Append(nil, p, false); !errors.Is(err, ErrInvalidPeer) {
			t.Errorf("%s: appended %x, %v", name, b, err)
		}
	}
}

func FuzzPeerFormat(f *testing.F) {
	for _, p := range []Peer{examplePeer("n"), {ID: "x"}} {
		b, _ := PeerFormat.Append(nil, p, false)
		f.Add(b)
		b, _ = PeerFormat.Append(nil, p, true)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, leaving, err := PeerFormat.Parse(b, netip.Addr{})
		if err != nil {
			if !errors.Is(err, ErrMalformedPeer) {
				t.Errorf("%v", err)
			}
			return
		}
		again, err := PeerFormat.Append(nil, p, leaving)
		if err != nil {
			t.Fatalf("%+v was parsed and can't be appended: %v", p, err)
		}
		if !leaving && string(again) != string(b) {
			t.Errorf("%x was parsed and appended as %x", b, again)
		}
	})
}

func FuzzZREFormat(f *testing.F) {
	v := loadZRE(f)
	for _, text := range append(v.Ignore, v.Hello, v.Bye, v.Curve) {
		f.Add(unhex(f, text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, leaving, err := ZREFormat.Parse(b, elsewhere)
		if err != nil {
			return
		}
		if again, err := ZREFormat.Append(nil, p, leaving); err != nil || string(again) != string(b) {
			t.Errorf("%x was parsed and appended as %x, %v", b, again, err)
		}
	})
}
