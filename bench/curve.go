package main

// PUSH to PULL under CURVE. The floor seals and opens each message with the same
// library as the product, over a raw connection.

var curveSizes = []sized{
	{"64 B", 64, 1_000_000, true},
	{"1 KiB", 1 << 10, 250_000, true},
	{"8 KiB", 8 << 10, 50_000, false},
	{"64 KiB", 64 << 10, 10_000, true},
}

func curveWorkloads(quick bool) []workload {
	var list []workload
	for _, s := range pick(curveSizes, quick) {
		t := task{transport: "tcp", size: s.size, messages: s.messages}
		list = append(list, workload{
			family:  "CURVE tcp throughput",
			name:    s.name,
			size:    s.size,
			x:       float64(s.size),
			figures: throughputFigures,
			floor:   "raw Go, secretbox",
			contenders: []contender{
				together("libzmq", libzmq("curve-recv"), libzmq("curve-send"), t),
				together("zactor", inGo("curve-pull"), inGo("curve-push"), t),
				together("raw Go, secretbox", inGo("raw-curve-recv"), inGo("raw-curve-send"), t),
			},
		})
	}
	return list
}
