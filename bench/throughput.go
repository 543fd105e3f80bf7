package main

// One way PUSH to PULL between two processes. "reuse" sends the same buffer with
// SendBytes, or from 8 KiB on pooled frames, to a receiver that releases; "plain"
// allocates each message and releases none, as the first program of any user
// does. libzmq has one way only, and through cgo what its bindings make of it.
// Nobody writes into the payload or reads it, beyond what its own API copies and
// zeroes. Every queue of a socket holds 1000 messages; nats' have no limit.

var throughputSizes = []sized{
	{"16 B", 16, 4_000_000, false},
	{"64 B", 64, 3_000_000, true},
	{"256 B", 256, 1_500_000, false},
	{"1 KiB", 1 << 10, 800_000, true},
	{"8 KiB", 8 << 10, 120_000, false},
	{"64 KiB", 64 << 10, 30_000, true},
	{"1 MiB", 1 << 20, 2_000, false},
}

func throughputWorkloads(quick bool) []workload {
	var list []workload
	for _, transport := range []string{"tcp", "ipc"} {
		for _, s := range pick(throughputSizes, quick) {
			t := task{transport: transport, size: s.size, messages: s.messages}
			w := workload{
				family:  transport + " throughput",
				name:    s.name,
				size:    s.size,
				x:       float64(s.size),
				figures: throughputFigures,
				floor:   "raw Go",
				contenders: []contender{
					together("libzmq", libzmq("throughput-recv"), libzmq("throughput-send"), t),
					together("libzmq by cgo", byCgo("throughput-recv"), byCgo("throughput-send"), t),
					together("zactor reuse", inGo("pull-release"), inGo("push-reuse"), t),
					together("zactor plain", inGo("pull-keep"), inGo("push-plain"), t),
					together("raw Go", inGo("raw-recv"), inGo("raw-send"), t),
				},
			}
			if transport == "tcp" {
				w.contenders = append(w.contenders, together("nats", inGo("nats-recv"), inGo("nats-send"), t))
			}
			list = append(list, w)
		}
	}
	return list
}
