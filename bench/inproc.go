package main

// One way PUSH to PULL inside one process. "plain" allocates each message,
// "reuse" takes frames from the pool and releases them, "batch" does the same
// with many messages a call. The channels are told apart in the same way; the bare
// one passes the same message again and again.

var inprocSizes = []sized{
	{"1 B", 1, 3_000_000, false},
	{"64 B", 64, 2_000_000, true},
	{"1 KiB", 1 << 10, 1_000_000, true},
	{"64 KiB", 64 << 10, 400_000, true},
}

func inprocWorkloads(quick bool) []workload {
	var list []workload
	for _, s := range pick(inprocSizes, quick) {
		t := task{transport: "inproc", size: s.size, messages: s.messages}
		list = append(list, workload{
			family:  "inproc throughput",
			name:    s.name,
			size:    s.size,
			x:       float64(s.size),
			figures: throughputFigures,
			floor:   "Go channel, bare",
			contenders: []contender{
				alone("libzmq", libzmq("throughput-inproc"), t),
				alone("libzmq by cgo", byCgo("throughput-inproc"), t),
				alone("zactor reuse", inGo("inproc-reuse"), t),
				alone("zactor plain", inGo("inproc-plain"), t),
				alone("zactor batch", inGo("inproc-batch"), t),
				alone("Go channel, plain", inGo("chan-alloc"), t),
				alone("Go channel, pooled", inGo("chan-pool"), t),
				alone("Go channel, bare", inGo("chan"), t),
			},
		})
	}
	return list
}
