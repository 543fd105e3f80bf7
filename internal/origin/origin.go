// Package origin is the door of this module's packages into msg.Msg: it makes messages
// that say where they came from, and reads that from them. Users of msg have no such
// door, and so a program can't forge who sent a message.
package origin

import (
	"unsafe"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/msg"
)

// message has the fields of msg.Msg, in their order; a test compares them. Go converts
// no unexported field from one package to another, and anything but the same memory
// (a function variable, an interface) would cost each message an allocation.
type message struct {
	frames [][]byte
	origin *buf.Origin
}

// Message makes a message of frames, which are not copied, that came from o.
func Message(frames [][]byte, o *buf.Origin) msg.Msg {
	m := message{frames, o}
	return *(*msg.Msg)(unsafe.Pointer(&m))
}

// Of is where a message came from; nil for one that a program has made.
func Of(m msg.Msg) *buf.Origin { return (*message)(unsafe.Pointer(&m)).origin }
