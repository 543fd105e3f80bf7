package wire

import "encoding/binary"

// Extension commands go only to peers whose metadata has asked for them. RFC 37 lets
// a peer ignore a command that it does not know, and libzmq does.
//
//	Resume  a durable subscriber: stream, last number that it has; 0, 0: none
//	Begin   the publisher: stream, number before the first that follows, how many were missed
//	Taken   a durable subscriber: number up to which nothing need be kept any more
//	Missed  the publisher: after how many messages of this connection, how many were missed
//	Again   a message, in ZMTP 2.0 framing, that another peer may have received already
//	Unheeded  a publisher: a subscription was not entered, and why, in up to 255 bytes of text
var extensions = map[string]CommandKind{
	"\x07XRESUME": Resume, "\x06XBEGIN": Begin, "\x06XTAKEN": Taken, "\x07XMISSED": Missed, "\x06XAGAIN": Again,
	"\x09XUNHEEDED": Unheeded,
}

var extensionNames = func() map[CommandKind]string {
	m := make(map[CommandKind]string, len(extensions))
	for name, kind := range extensions {
		m[kind] = name
	}
	return m
}()

// AppendExtensionBody appends the body of an extension command; ok is false for a
// command of another kind, and nothing is appended.
func AppendExtensionBody(dst []byte, c Command) (_ []byte, ok bool) {
	name, ok := extensionNames[c.Kind]
	if !ok {
		return dst, false
	}
	return appendNamedBody(dst, name, c.Data), true
}

// AppendExtension is AppendExtensionBody with a frame header.
func AppendExtension(dst []byte, c Command) []byte {
	if name, ok := extensionNames[c.Kind]; ok {
		return appendNamed(dst, name, c.Data)
	}
	return dst
}

// Numbered makes an extension command of numbers.
func Numbered(kind CommandKind, numbers ...uint64) Command {
	c := Command{Kind: kind, Data: make([]byte, 0, 8*len(numbers))}
	for _, n := range numbers {
		c.Data = binary.BigEndian.AppendUint64(c.Data, n)
	}
	return c
}

// Numbers reads the numbers of an extension command into dst, exactly as many.
func (c Command) Numbers(dst ...*uint64) error {
	if len(c.Data) != 8*len(dst) {
		return Malformed(CodeMalformedCommand, "a command of %d bytes of numbers, want %d", len(c.Data), 8*len(dst))
	}
	for i, at := range dst {
		*at = binary.BigEndian.Uint64(c.Data[8*i:])
	}
	return nil
}
