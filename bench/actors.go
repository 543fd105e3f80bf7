package main

// Actors beside goroutines with channels: messages to one, round trips, and many
// that wait.

func actorWorkloads(quick bool) []workload {
	t := task{transport: "inproc", size: 64, messages: 5_000_000}
	pingPong := t
	pingPong.messages = 500_000
	many := task{transport: "inproc", peers: 1_000_000, messages: 1, fixed: true, extra: 10, memory: 8 << 30}
	name := "1,000,000 actors"
	if quick {
		many.peers, many.extra, many.memory, name = 100_000, 1.1, 1<<30, "100,000 actors"
	}
	return []workload{{
		family: "actors, one way", name: "64 B", size: t.size, figures: actorFigures, floor: "Go channel",
		contenders: []contender{
			alone("Go channel", inGo("chan"), t),
			alone("zactor", inGo("actor-recv"), t),
		},
	}, {
		family: "actors, ping-pong", name: "64 B", size: t.size, figures: latencyFigures, floor: "Go channels",
		contenders: []contender{
			alone("Go channels", inGo("chan-ask"), pingPong),
			alone("zactor", inGo("actor-pair"), pingPong),
			alone("zactor, Ask", inGo("actor-ask"), pingPong),
		},
	}, {
		family: "actors, idle", name: name, figures: lifeFigures, floor: "goroutine, channel",
		contenders: []contender{
			alone("goroutine, channel", inGo("chan-idle"), many),
			alone("zactor", inGo("actor-idle"), many),
		},
	}}
}
