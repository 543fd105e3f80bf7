package main

import "fmt"

// REQ to REP and back. A wake-up that crosses to an idle virtual core costs more
// than all the rest, so each is measured on one core, where it cannot, and free.

var roundTripSizes = []sized{
	{"1 B", 1, 20_000},
	{"64 KiB", 64 << 10, 5_000},
}

func roundTripWorkloads() []workload {
	var list []workload
	for _, transport := range []string{"tcp", "ipc", "inproc"} {
		for _, s := range roundTripSizes {
			for _, oneCore := range []bool{true, false} {
				list = append(list, roundTrip(transport, s, oneCore))
			}
		}
	}
	return list
}

func roundTrip(transport string, s sized, oneCore bool) workload {
	place, wrap := "free", func(missing func(*lab) string) func(*lab) string { return missing }
	if oneCore {
		place, wrap = "one core", pinned
	}
	t := task{transport: transport, size: s.size, messages: s.messages, oneCore: oneCore}
	w := workload{
		family:  transport + " round trip",
		name:    fmt.Sprintf("%s, %s", s.name, place),
		size:    s.size,
		latency: true,
	}
	if transport == "inproc" {
		t.messages = 20_000
		w.contenders = []contender{
			{"libzmq", alone(libzmq("latency-inproc"), t), wrap(needsC)},
			{"zactor", alone(inGo("inproc-ask"), t), wrap(always)},
			{"Go channels", alone(inGo("chan-ask"), t), wrap(always)},
		}
		return w
	}
	w.contenders = []contender{
		{"libzmq", together(libzmq("latency-rep"), libzmq("latency-req"), t), wrap(needsC)},
		{"zactor", together(inGo("rep"), inGo("req"), t), wrap(always)},
		{"raw Go", together(inGo("raw-reply"), inGo("raw-ask"), t), wrap(always)},
		{"raw Go, reader goroutine", together(inGo("raw-reply"), inGo("raw-ask-hop"), t), wrap(always)},
	}
	return w
}
