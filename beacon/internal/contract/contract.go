// Package contract tests what beacon.Discoverer promises, for everything that is one and
// finds others on a network.
package contract

import (
	"context"
	"errors"
	"iter"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
)

// pulling pulls the events of a Discoverer one by one.
func pulling(t *testing.T, d beacon.Discoverer) func() beacon.PeerEvent {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	next, stop := iter.Pull(d.Events(ctx))
	t.Cleanup(stop)
	return func() beacon.PeerEvent {
		t.Helper()
		e, ok := next()
		if !ok {
			t.Fatal("the events ended")
		}
		return e
	}
}

func examplePeer(id string) beacon.Peer {
	return beacon.Peer{ID: id, Endpoints: []string{"tcp://*:5670", "ipc:///tmp/x"}, Values: map[string]string{"role": "server", "empty": ""}}
}

// Test plays two Discoverers, as make makes them, that find each other on the loopback.
func Test(t *testing.T, source string, make func(context.Context) (beacon.Discoverer, error)) {
	pair := [2]beacon.Discoverer{}
	for i := range pair {
		d, err := make(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		pair[i] = d
	}
	one, two := pulling(t, pair[0]), pulling(t, pair[1])
	for i, id := range []string{"node one", "node two"} {
		if err := pair[i].Announce(t.Context(), examplePeer(id)); err != nil {
			t.Fatal(err)
		}
	}
	want := examplePeer("node two")
	want.Endpoints[0] = "tcp://127.0.0.1:5670"
	e := one()
	if e.Kind != beacon.Found || !e.Peer.Equal(want) && !slices.Contains(e.Peer.Endpoints, "tcp://127.0.0.1:5670") {
		t.Errorf("%v %+v, want %+v", e.Kind, e.Peer, want)
	}
	if e.Where.Source != source || pair[0].Source() != source || e.Where.Interface == "" {
		t.Errorf("heard at %+v", e.Where)
	}
	if e := two(); e.Kind != beacon.Found || e.Peer.ID != "node one" {
		t.Errorf("%v %+v, want node one", e.Kind, e.Peer)
	}
	late := pulling(t, pair[0])
	if e := late(); e.Kind != beacon.Found || e.Peer.ID != "node two" {
		t.Errorf("the late reader is told %v %+v", e.Kind, e.Peer)
	}
	changed := examplePeer("node two")
	changed.Values["role"] = "client"
	if err := pair[1].Announce(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	if e := one(); e.Kind != beacon.Changed || e.Peer.Values["role"] != "client" {
		t.Errorf("%v %+v, want a change", e.Kind, e.Peer)
	}
	for range 2 {
		if err := pair[1].Close(); err != nil {
			t.Error(err)
		}
	}
	if e := one(); e.Kind != beacon.Lost || e.Peer.ID != "node two" {
		t.Errorf("%v %+v, want node two lost", e.Kind, e.Peer)
	}
	if err := pair[1].Announce(t.Context(), changed); !errors.Is(err, net.ErrClosed) {
		t.Errorf("announce after close: %v, want %v", err, net.ErrClosed)
	}
	for range pair[1].Events(t.Context()) {
		t.Error("a closed Discoverer has events")
	}
	for _, bad := range []beacon.Peer{{}, {ID: strings.Repeat("x", 256)}, {ID: "x", Endpoints: []string{""}}} {
		if err := pair[0].Announce(t.Context(), bad); !errors.Is(err, beacon.ErrInvalidPeer) {
			t.Errorf("%.20v: %v, want %v", bad, err, beacon.ErrInvalidPeer)
		}
	}
	endsWithContext(t, make)
}

// endsWithContext checks that the end of the context is an end as Close is.
func endsWithContext(t *testing.T, make func(context.Context) (beacon.Discoverer, error)) {
	ctx, cancel := context.WithCancel(context.Background())
	d, err := make(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	seq := d.Events(context.Background())
	cancel()
	for range seq { // until it ends
	}
}
