package main

import (
	"encoding/json"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// Everybody is found: a node by its beacon and by multicast DNS, in one entry, and
// a peer that sends what only it understands.
func TestDiscover(t *testing.T) {
	port, mdns := udpPort(t), udpPort(t)
	plain := proc.Start(t, "discover", "-local", "-port", port, "-mdns-port", mdns)
	lines := proc.Start(t, "discover", "-local", "-port", port, "-no-mdns", "-json")
	only := proc.Start(t, "discover", "-local", "-mdns-port", mdns, "-no-beacon")
	node := proc.Start(t, "node", "-local", "-port", port, "-mdns", "-mdns-port", mdns, "-stay", "ann")
	id := node.Expect(`^you are ann, node ([0-9A-F]+), at (tcp://.*)$`)
	plain.Expect(`^[+~] ` + id[1] + ` ` + id[2] + ` by .*udp from 127\.0\.0\.1 on `)
	only.Expect(`^\+ ` + id[1] + ` ` + id[2] + ` by mdns`)

	lines.Expect(`^{"kind":"found","id":"` + id[1])
	other := proc.Start(t, "beacon", "send", "-local", "-port", port, "-every", "50ms", "a camera\n")
	plain.Expect(`^\+ "a camera\\n" by udp from 127\.0\.0\.1 on `)
	var f found
	if err := json.Unmarshal([]byte(lines.Expect(`^.*camera.*$`)[0]), &f); err != nil {
		t.Fatal(err)
	}
	if f.Kind != "found" || f.ID != "a camera\n" || len(f.Heard) != 1 || f.Heard[0].By != "udp" || f.Heard[0].From != "127.0.0.1" {
		t.Errorf("%+v", f)
	}
	other.Kill()
	node.Interrupt()
	plain.Expect(`^- ` + id[1])
	plain.Interrupt()
	lines.Interrupt()
	only.Interrupt()
}
