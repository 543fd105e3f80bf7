package main

// One subscriber with very many subscriptions of 16 bytes. Every message of 64 bytes
// matches one of them. "no match" is a publication that nobody wants; "free after"
// is from when the subscriber hung up to when the last of its subscriptions is
// reported gone. The floor is a map of whole topics: it knows no prefixes.

func topicWorkloads(quick bool) []workload {
	list := []workload{topics("10,000 subscriptions", 10_000, 0.5)}
	if !quick {
		list = append(list, topics("1,000,000 subscriptions", 1_000_000, 6))
	}
	return list
}

func topics(name string, n int, extra float64) workload {
	t := task{transport: "tcp", size: 64, messages: 1_000_000, peers: n, tellers: 2, fixed: true, extra: extra, memory: n * 500}
	return workload{
		family:  "subscriptions",
		name:    name,
		size:    t.size,
		figures: topicFigures,
		floor:   "Go map",
		contenders: []contender{
			together("libzmq", libzmq("topics-pub"), inGo("topics-sink"), t),
			together("zactor", inGo("topics-pub"), inGo("topics-sink"), t),
			together("Go map", inGo("raw-topics"), inGo("topics-sink"), t),
		},
	}
}
