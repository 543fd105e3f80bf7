package main

// One way PUSH to PULL between two processes. "reuse" sends the same buffer with
// SendBytes, or from 8 KiB on pooled frames, to a receiver that releases; "plain"
// allocates each message and releases none, as the first program of any user
// does. libzmq has one way only.

// sized is a payload with a number of messages that libzmq moves in about a second.
type sized struct {
	name     string
	size     int
	messages int
}

var throughputSizes = []sized{
	{"16 B", 16, 4_000_000},
	{"64 B", 64, 3_000_000},
	{"256 B", 256, 1_500_000},
	{"1 KiB", 1 << 10, 800_000},
	{"8 KiB", 8 << 10, 120_000},
	{"64 KiB", 64 << 10, 30_000},
	{"1 MiB", 1 << 20, 2_000},
}

func throughputWorkloads() []workload {
	var list []workload
	for _, transport := range []string{"tcp", "ipc"} {
		for _, s := range throughputSizes {
			t := task{transport: transport, size: s.size, messages: s.messages}
			list = append(list, workload{
				family: transport + " throughput",
				name:   s.name,
				size:   s.size,
				contenders: []contender{
					{"libzmq", together(libzmq("throughput-recv"), libzmq("throughput-send"), t), needsC},
					{"zactor reuse", together(inGo("pull-release"), inGo("push-reuse"), t), always},
					{"zactor plain", together(inGo("pull-keep"), inGo("push-plain"), t), always},
					{"raw Go", together(inGo("raw-recv"), inGo("raw-send"), t), always},
				},
			})
		}
	}
	return list
}
