// Package lazypirate asks a server that may be slow, dead or restarted, and does not hang:
// the Lazy Pirate pattern of the Guide, chapter 4.
//
// A REQ whose server dies between request and reply waits for ever. A [Caller] gives each
// attempt a deadline. When that passes it throws the socket away, with the request that
// still waits in it, and asks again, the next of its servers where it has several:
//
//	caller, err := lazypirate.New(ctx, []string{"tcp://a:5555", "tcp://b:5555"},
//		lazypirate.WithTimeout(time.Second), lazypirate.WithAttempts(4))
//	answer, err := caller.Call(ctx, msg.NewString("what time is it?"))
//
// Servers need nothing of it: a REP, or a ROUTER that answers REQs, in any language.
//
// # What is promised
//
// Call returns the answer of one attempt, or an error that says what became of the last
// one. A request may reach servers more than once: an attempt that timed out may have been
// worked on. So what is asked must be harmless to repeat, or carry a number by which the
// server knows what it has done.
//
// An answer never belongs to another request: each attempt that fails takes its socket
// with it, and what comes late finds nobody.
//
// # Supervised
//
// [Actor] is the same as an actor, for a supervisor:
//
//	orders, err := actor.Supervise(supervisor, "orders", lazypirate.Actor(endpoints), actor.Permanent)
//	answer, err := actor.Ask(ctx, orders, &lazypirate.Request{Message: m})
//
// # When to take something else
//
// Where connections break and servers do not freeze, a plain REQ with zmq.WithReqFailFast
// is told at once and costs less. Where many workers share the load, see
// pattern/majordomo.
package lazypirate
