package main

// One way PUSH to PULL inside one process. "plain" allocates each message,
// "reuse" takes frames from the pool and releases them, "batch" does the same
// with many messages a call. The channels are told apart in the same way.

var inprocSizes = []sized{
	{"1 B", 1, 3_000_000},
	{"64 B", 64, 2_000_000},
	{"1 KiB", 1 << 10, 1_000_000},
	{"64 KiB", 64 << 10, 400_000},
}

func inprocWorkloads() []workload {
	var list []workload
	for _, s := range inprocSizes {
		t := task{transport: "inproc", size: s.size, messages: s.messages}
		costly := t
		costly.messages = min(t.messages, 6_000_000_000/max(s.size, 2_000)) // where each byte is zeroed
		list = append(list, workload{
			family: "inproc throughput",
			name:   s.name,
			size:   s.size,
			contenders: []contender{
				{"libzmq", alone(libzmq("throughput-inproc"), t), needsC},
				{"zactor plain", alone(inGo("inproc-plain"), costly), always},
				{"zactor reuse", alone(inGo("inproc-reuse"), t), always},
				{"zactor batch", alone(inGo("inproc-batch"), t), always},
				{"Go channel, plain", alone(inGo("chan-alloc"), costly), always},
				{"Go channel, pooled", alone(inGo("chan-pool"), t), always},
				{"Go channel, bare", alone(inGo("chan"), t), always},
			},
		})
	}
	return list
}
