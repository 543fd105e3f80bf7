// Package ws carries ZMTP over WebSocket: ZWS 2.0 (RFC 45), with or without TLS.
//
// ZWS is ZMTP with other borders. There is no greeting, because the HTTP upgrade
// agrees on the mechanism: the client offers "ZWS2.0/NULL" and "ZWS2.0", or
// "ZWS2.0/PLAIN", or "ZWS2.0/CURVE", and the server takes one. After it each frame of
// ZMTP is one binary message of WebSocket, whose first byte has the flags. And a
// heartbeat is a ping of WebSocket, not a command.
//
// A [Conn] is a net.Conn with the stream of ZMTP that would have been there over tcp:
// Read gives the greeting that the subprotocol stands for and then frames, and Write
// takes them. So the session above reads many messages in one system call, and writes
// many in one, as over every other transport; nothing is buffered, since a frame
// is translated as it passes, where it stands. "ZWS2.0" alone, which is what programs
// in browsers speak, has no READY and begins with a routing id: that is ZMTP 2.0, and
// as such it is shown.
//
// RFC 6455 is obeyed by hand. A library of it keeps the length of a message from its
// reader, writes each message by itself, and has goroutines; the tests have one as the
// other side.
//
// The upgrade, and TLS before it, happen in the first Read or Write: in the goroutine,
// under the deadline and within the limits that a handshake has.
package ws
