package wire

import "encoding/binary"

// Every command has two writers: AppendX makes a whole frame, AppendXBody the
// body alone, for a mechanism that seals it.

// AppendCommand appends a command frame with the given body.
func AppendCommand(dst, body []byte) []byte {
	return append(AppendHeader(dst, FlagCommand, len(body)), body...)
}

// appendNamed appends a command frame: name with its length, then data.
func appendNamed(dst []byte, name string, data []byte) []byte {
	// LARGE depends on the size with the name: a topic of 246 bytes is large.
	dst = AppendHeader(dst, FlagCommand, len(name)+len(data))
	return append(append(dst, name...), data...)
}

func appendNamedBody(dst []byte, name string, data []byte) []byte {
	return append(append(dst, name...), data...)
}

// AppendPing appends a PING frame. The ttl, in tenths of a second, is cut to
// MaxPingTTL and the context to MaxPingContext.
func AppendPing(dst []byte, ttl uint16, context []byte) []byte {
	context = clipContext(context)
	dst = AppendHeader(dst, FlagCommand, len(namePing)+2+len(context))
	return AppendPingBody(dst, ttl, context)
}

// AppendPingBody is AppendPing without the frame header.
func AppendPingBody(dst []byte, ttl uint16, context []byte) []byte {
	dst = binary.BigEndian.AppendUint16(append(dst, namePing...), min(ttl, MaxPingTTL))
	return append(dst, clipContext(context)...)
}

// AppendPong appends the answer to a PING with that context: a PONG frame with
// the first 16 bytes of it.
func AppendPong(dst, context []byte) []byte {
	return appendNamed(dst, namePong, clipContext(context))
}

// AppendPongBody is AppendPong without the frame header.
func AppendPongBody(dst, context []byte) []byte {
	return appendNamedBody(dst, namePong, clipContext(context))
}

func clipContext(context []byte) []byte {
	return context[:min(len(context), MaxPingContext)]
}

// SubscriptionFlags returns the flags of the frame that carries a subscription:
// a command since ZMTP 3.1, a message with 0x01 or 0x00 in front before it.
func SubscriptionFlags(v Version) byte {
	if v >= V31 {
		return FlagCommand
	}
	return 0
}

// AppendSubscribe appends the frame that subscribes to a topic in version v.
func AppendSubscribe(dst []byte, v Version, topic []byte) []byte {
	return appendSubscription(dst, v, subscribePrefix(v), topic)
}

// AppendSubscribeBody is AppendSubscribe without the frame header; its flags are
// SubscriptionFlags.
func AppendSubscribeBody(dst []byte, v Version, topic []byte) []byte {
	return appendNamedBody(dst, subscribePrefix(v), topic)
}

// AppendCancel appends the frame that cancels a subscription in version v.
func AppendCancel(dst []byte, v Version, topic []byte) []byte {
	return appendSubscription(dst, v, cancelPrefix(v), topic)
}

// AppendCancelBody is AppendCancel without the frame header; its flags are
// SubscriptionFlags.
func AppendCancelBody(dst []byte, v Version, topic []byte) []byte {
	return appendNamedBody(dst, cancelPrefix(v), topic)
}

func subscribePrefix(v Version) string {
	if v >= V31 {
		return nameSubscribe
	}
	return "\x01"
}

func cancelPrefix(v Version) string {
	if v >= V31 {
		return nameCancel
	}
	return "\x00"
}

func appendSubscription(dst []byte, v Version, prefix string, topic []byte) []byte {
	size := len(prefix) + len(topic)
	if v == V1 {
		dst = AppendHeader1(dst, 0, size)
	} else {
		dst = AppendHeader(dst, SubscriptionFlags(v), size)
	}
	return appendNamedBody(dst, prefix, topic)
}

// AppendJoin appends the frame with which a DISH joins a group.
func AppendJoin(dst []byte, group string) []byte {
	return appendNamed(dst, nameJoin, []byte(group))
}

// AppendJoinBody is AppendJoin without the frame header.
func AppendJoinBody(dst []byte, group string) []byte {
	return appendNamedBody(dst, nameJoin, []byte(group))
}

// AppendLeave appends the frame with which a DISH leaves a group.
func AppendLeave(dst []byte, group string) []byte {
	return appendNamed(dst, nameLeave, []byte(group))
}

// AppendLeaveBody is AppendLeave without the frame header.
func AppendLeaveBody(dst []byte, group string) []byte {
	return appendNamedBody(dst, nameLeave, []byte(group))
}

// AppendError appends the ERROR frame that ends a connection after the handshake. The
// reason is of 255 bytes at most.
func AppendError(dst, reason []byte) []byte {
	return AppendCommand(dst, AppendErrorBody(nil, reason))
}

// AppendErrorBody is AppendError without the frame header.
func AppendErrorBody(dst, reason []byte) []byte {
	return append(append(append(dst, nameError...), byte(len(reason))), reason...)
}

// appendError appends the ERROR frame with which a server refuses a client.
func appendError(dst []byte, name, reason string) []byte {
	body := append([]byte(name), byte(len(reason)))
	return AppendCommand(dst, append(body, reason...))
}
