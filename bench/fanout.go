package main

import "fmt"

// One publisher that loses nothing, to N subscribers: deliveries a second.

func fanOutWorkloads() []workload {
	var list []workload
	for _, s := range []sized{{"64 B", 64, 5_000_000}, {"1 KiB", 1 << 10, 1_500_000}} {
		for _, peers := range []int{1, 10, 100} {
			t := task{transport: "tcp", size: s.size, messages: s.messages / max(peers, 2), peers: peers}
			list = append(list, workload{
				family: "PUB fan-out",
				name:   fmt.Sprintf("%s to %d", s.name, peers),
				size:   s.size,
				contenders: []contender{
					{"libzmq", together(libzmq("fanout-pub"), inGo("fanout-sink"), t), needsC},
					{"zactor", together(inGo("fanout-pub"), inGo("fanout-sink"), t), always},
				},
			})
		}
	}
	return list
}
