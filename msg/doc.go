// Package msg holds the one message type of zactor.
//
// A [Msg] is a list of frames, sent and received as a whole. It is a small value
// (four words) and is passed by value; the zero Msg is an empty message.
//
//	m := msg.NewString("weather", "10001 23 45")
//	err := pub.Send(ctx, m)
//
// # Who owns the bytes
//
// Send takes ownership of the frames: do not change them afterwards. Frames of a
// received message belong to the receiver, who may keep or change them; they may
// share a buffer with neighbouring messages, so a program that keeps a few small
// frames for long should [Msg.Clone] them. [Msg.Release] is optional: it hands
// the buffer of a received message back for reuse. Forgetting it costs speed,
// never correctness; using the frames after it is an error, which a build with
// the race detector shows by overwriting them.
package msg
