// Package zmqtest lets a program's sockets be tested without a network.
//
// A [Network] is a network in memory. It stands in for the system's in a zmq.Context,
// for the tcp and ipc endpoints of every socket that is made in it:
//
//	network := zmqtest.NewNetwork(zmqtest.Seed(t), zmqtest.Faults{Delay: 20 * time.Millisecond})
//	ctx := zmq.NewContext(t.Context(), zmq.WithNetwork(network))
//	defer ctx.Close()
//	server, err := zmq.NewRep(ctx)
//	endpoint, err := server.Bind("tcp://10.0.0.1:5555") // any address will do
//
// A program that takes a context and makes its sockets in it runs over a Network
// unchanged: hand it ctx. A Context that it makes inside of that is on the same Network.
//
// Connections are buffered as a kernel's are, keep the order of their bytes, and can be
// delayed, cut into slices, filled up, broken and partitioned ([Faults], [Network.Reset],
// [Network.Partition]). Several hosts share a Network when each has a zmq.Context of its
// own, made with [Network.Host].
//
// # Time
//
// Everything is made of channels and timers, so a Network works in the bubble of
// testing/synctest, where hours of silence, retries and heartbeats pass in milliseconds:
// make the Network and the zmq.Context inside of the bubble, and close both the sockets
// and the Context before it ends.
//
// # Repeating a run
//
// What is random about a Network follows from its seed. [Seed] gives each run another one
// and prints it when the test fails; ZACTOR_SEED=n repeats it. The order in which
// goroutines run is not part of that.
package zmqtest
