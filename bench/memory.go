package main

import "fmt"

// A ROUTER with many peers at rest, and one that many connect to without a word.
// What counts is the growth of the resident memory of the server's process, after
// it gave back what it can; what the kernel has for connections is not in it. A
// listener of ours holds few that say nothing, so the memory is spread over all
// that were made, and those that it holds are counted.

func memoryWorkloads(quick bool) []workload {
	n, extra := 10_000, 2.2
	if quick {
		n, extra = 1_000, 1.1
	}
	t := task{transport: "tcp", size: 1, messages: n, peers: n, fixed: true, extra: extra, files: n + 100}
	halfOpen := t
	halfOpen.tellers = 2
	return []workload{{
		family:  "ROUTER, idle peers",
		name:    fmt.Sprintf("%d peers", n),
		figures: idleFigures,
		floor:   "raw Go",
		contenders: []contender{
			together("libzmq", libzmq("router-idle"), inGo("idle-peers"), t),
			together("zactor", inGo("router-idle"), inGo("idle-peers"), t),
			together("raw Go", inGo("raw-idle"), inGo("idle-peers"), t),
		},
	}, {
		family:  "ROUTER, half-open peers",
		name:    fmt.Sprintf("%d connections", n),
		figures: halfOpenFigures,
		floor:   "raw Go",
		contenders: []contender{
			together("libzmq", libzmq("router-open"), inGo("half-open-peers"), halfOpen),
			together("zactor", inGo("router-open"), inGo("half-open-peers"), halfOpen),
			together("raw Go", inGo("raw-open"), inGo("half-open-peers"), halfOpen),
		},
	}}
}
