package main

import "fmt"

// One to many and many to one, beside partners that are the same for everyone: the
// sink and the source of internal/role.

var fanSizes = []sized{
	{"64 B", 64, 5_000_000, true},
	{"1 KiB", 1 << 10, 1_500_000, false},
}

// fanPeers are the numbers of subscribers and senders.
func fanPeers(quick bool) []int {
	if quick {
		return []int{1, 10, 100}
	}
	return []int{1, 10, 100, 1000}
}

// queue is how many messages wait for a subscriber before its publisher does: a run
// of fewer would measure how they are queued, not how they are sent.
const queue = 1000

// fanOutWorkloads have one publisher that loses nothing: deliveries a second.
func fanOutWorkloads(quick bool) []workload {
	var list []workload
	for _, s := range pick(fanSizes, quick) {
		for _, peers := range fanPeers(quick) {
			t := task{transport: "tcp", size: s.size, messages: s.messages / max(peers, 2), least: 2 * queue,
				peers: peers, files: peers + 50, extra: float64(peers) / 500}
			list = append(list, workload{
				family:  "PUB fan-out",
				name:    fmt.Sprintf("%s to %d", s.name, peers),
				size:    s.size,
				x:       float64(peers),
				figures: throughputFigures,
				floor:   "raw Go",
				contenders: []contender{
					together("libzmq", libzmq("fanout-pub"), inGo("fanout-sink"), t),
					together("zactor", inGo("fanout-pub"), inGo("fanout-sink"), t),
					together("nats", inGo("nats-fanout"), inGo("fanout-nats-sink"), t),
					together("raw Go", inGo("raw-fanout"), inGo("fanout-sink"), t),
				},
			})
		}
	}
	return list
}

// fanInWorkloads have one PULL, and count what the slowest of its senders gets.
func fanInWorkloads(quick bool) []workload {
	var list []workload
	for _, peers := range fanPeers(quick) {
		t := task{transport: "tcp", size: 64, messages: 5_000_000, least: max(50_000, 5_000*peers), extra: float64(peers) / 500, peers: peers, files: peers + 50}
		list = append(list, workload{
			family:  "PULL fan-in",
			name:    fmt.Sprintf("64 B from %d", peers),
			size:    t.size,
			x:       float64(peers),
			figures: fanInFigures,
			floor:   "raw Go",
			contenders: []contender{
				together("libzmq", libzmq("fanin-pull"), inGo("fanin-source"), t),
				together("zactor", inGo("fanin-pull"), inGo("fanin-source"), t),
				together("raw Go", inGo("raw-fanin"), inGo("fanin-source"), t),
			},
		})
	}
	return list
}
