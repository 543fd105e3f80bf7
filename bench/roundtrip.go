package main

import "fmt"

// REQ to REP and back. A wake-up that crosses to an idle virtual core costs more
// than all the rest, so each is measured on one core, where it cannot, and free.

var roundTripSizes = []sized{
	{"1 B", 1, 20_000, true},
	{"64 KiB", 64 << 10, 5_000, false},
}

func roundTripWorkloads(quick bool) []workload {
	var list []workload
	for _, transport := range []string{"tcp", "ipc", "inproc"} {
		for _, s := range roundTripSizes {
			for _, oneCore := range []bool{true, false} {
				if s.quick || !quick || transport == "tcp" {
					list = append(list, roundTrip(transport, s, oneCore))
				}
			}
		}
	}
	return list
}

func roundTrip(transport string, s sized, oneCore bool) workload {
	place := "free"
	if oneCore {
		place = "one core"
	}
	t := task{transport: transport, size: s.size, messages: s.messages, oneCore: oneCore}
	w := workload{
		family:  transport + " round trip",
		name:    fmt.Sprintf("%s, %s", s.name, place),
		size:    s.size,
		figures: latencyFigures,
		floor:   "raw Go",
	}
	if transport == "inproc" {
		t.messages = 20_000
		w.floor = "Go channels"
		w.contenders = []contender{
			alone("libzmq", libzmq("latency-inproc"), t),
			alone("libzmq by cgo", byCgo("latency-inproc"), t),
			alone("zactor", inGo("inproc-ask"), t),
			alone("Go channels", inGo("chan-ask"), t),
		}
		return w
	}
	w.contenders = []contender{
		together("libzmq", libzmq("latency-rep"), libzmq("latency-req"), t),
		together("libzmq by cgo", byCgo("latency-rep"), byCgo("latency-req"), t),
		together("zactor", inGo("rep"), inGo("req"), t),
		together("raw Go", inGo("raw-reply"), inGo("raw-ask"), t),
		together("raw Go, reader", inGo("raw-reply"), inGo("raw-ask-hop"), t),
	}
	if transport == "tcp" {
		w.contenders = append(w.contenders, together("nats", inGo("nats-reply"), inGo("nats-ask"), t))
	}
	return w
}
