// Package demo is the example of how to build with zactor: nodes that find each
// other, talk, work, fail and come back, under a parent that looks after them, and
// let nobody in whom they do not trust.
//
//	               boss: supervisor, roster, view
//	tasks  PUSH ──┬──────────┬──────────┐   PULL ── results, reports
//	              ▼          ▼          ▼     ▲
//	            node-1     node-2     node-3 ─┘
//	              │          │          │
//	zyre ─────────┴──────────┴──────────┘  who is there, and WHISPER, ECHO
//	SUB    ──▶ PUB      of every node to every other: NEWS
//	DEALER ──▶ ROUTER   of a guest to a node: HELLO, WHISPER, ECHO
//
// All of that is TCP, and all of it is CURVE: who binds is the server, who connects
// knows its public key, and the authenticator lets in whose certificate is in the
// store, a directory. The key is who a user is, in every run, and the name in
// its certificate is the only one that its owner may use. A stranger knocks
// at node-1 and is refused, until its certificate is dropped into the directory.
//
// Every node is one actor with one zloop: sockets, events of zyre and timers call
// handlers on one goroutine, so a node's state needs no lock. The boss is a loop
// as well. Read node.go first; then announce.go, peers.go, inbox.go and leave.go
// for who is there, and whisper.go, news.go and tasks.go for what they do; keys.go
// for who is trusted, and stranger.go for who is not; then boss.go, gate.go and
// work.go for the other side, roster.go, drama.go and admission.go for what is known
// of it all, view*.go for how that is shown, and summary.go for what must have held
// in the end.
package demo
