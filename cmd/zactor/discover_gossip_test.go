package main

import (
	"context"
	"testing"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/gossip"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// What a gossip hub tells is shown as well.
func TestDiscoverGossip(t *testing.T) {
	hub, err := gossip.New(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	endpoint, err := hub.Bind("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	d := hub.Discoverer("", 0)
	defer d.Close()
	if err := d.Announce(context.Background(), beacon.Peer{ID: "camera", Endpoints: []string{"tcp://192.0.2.1:5"}}); err != nil {
		t.Fatal(err)
	}
	p := proc.Start(t, "discover", "-no-beacon", "-no-mdns", "-gossip", endpoint)
	p.Expect(`^\+ camera tcp://192\.0\.2\.1:5 by gossip`)
	p.Interrupt()
}
