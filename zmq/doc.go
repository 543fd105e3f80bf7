// Package zmq is a ZeroMQ socket core in pure Go: the socket types, their
// routing, and the ZMTP 3.1 wire protocol, compatible with libzmq.
//
//	pull, err := zmq.NewPull(ctx)
//	endpoint, err := pull.Bind("tcp://127.0.0.1:*")
//
//	push, err := zmq.NewPush(ctx)
//	err = push.Connect(endpoint) // returns at once; peers may come in any order
//	err = push.SendString(ctx, "hello")
//
//	m, err := pull.Recv(ctx)
package zmq
