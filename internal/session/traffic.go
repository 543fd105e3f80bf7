package session

import "sync/atomic"

// Traffic is what has gone over a connection.
type Traffic struct{ SentMessages, SentBytes, ReceivedMessages, ReceivedBytes uint64 }

// Add adds another connection's.
func (t *Traffic) Add(more Traffic) {
	t.SentMessages += more.SentMessages
	t.SentBytes += more.SentBytes
	t.ReceivedMessages += more.ReceivedMessages
	t.ReceivedBytes += more.ReceivedBytes
}

// meter counts what a connection carries: once for each write and each run of messages
// that was read, not for each message. Each half has one goroutine that counts.
type meter struct {
	sentMessages, receivedMessages, receivedBytes atomic.Uint64
}

// received counts n messages that took so many bytes of the stream.
func (t *meter) received(n, bytes int) {
	t.receivedMessages.Add(uint64(n))
	t.receivedBytes.Add(uint64(bytes))
}

// Traffic is what the connection has carried since it was made: messages that the kernel
// has taken, with the bytes of their frames, and messages that were read, with the bytes
// that they took on the wire.
func (c *conn) Traffic() Traffic {
	return Traffic{
		SentMessages: c.traffic.sentMessages.Load(), SentBytes: c.sent.Load(),
		ReceivedMessages: c.traffic.receivedMessages.Load(), ReceivedBytes: c.traffic.receivedBytes.Load(),
	}
}
