// Package pair is the bare pair under an actor: two ends, and a bounded queue
// each way. It knows neither sockets nor wires; an actor's two ends cost a few
// hundred bytes and its ping-pong little more than a channel's.
//
// Ends are safe for any number of goroutines on each side. Messages
// from one goroutine arrive in the order in which it sent them. A message whose Send
// returned nil is in the queue; a message whose Send returned an error never is. A
// Recv that returned an error took nothing. What is ready beats a context that
// has ended: Send and Recv look at theirs only when they would have to wait.
package mailbox
