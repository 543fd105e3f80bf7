// Package demo is the example of how to build with zactor: nodes that find each
// other, talk, work, fail and come back, under a parent that looks after them.
//
//	               boss: supervisor, roster, view
//	tasks  PUSH ──┬──────────┬──────────┐   PULL ── results, reports
//	              ▼          ▼          ▼     ▲
//	            node-1     node-2     node-3 ─┘
//	              │          │          │
//	beacon ───────┴──────────┴──────────┘  "here I am": UUID and port
//	DEALER ──▶ ROUTER   of every node to every other: HELLO, WHISPER, ECHO
//	SUB    ──▶ PUB      of every node to every other: NEWS
//
// Every node is one actor with one zloop: sockets, beacon and timers call
// handlers on one goroutine, so a node's state needs no lock. The boss is a loop
// as well. Read node.go first; then announce.go, peers.go, inbox.go and leave.go
// for who is there, and whisper.go, news.go and tasks.go for what they do; then
// boss.go and work.go for the other side, roster.go and drama.go for what is known
// of it all, view*.go for how that is shown, and summary.go for what must have held
// in the end.
package demo
