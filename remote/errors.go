package remote

import (
	"errors"
	"fmt"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/zmq"
)

var (
	// ErrLost is returned by calls on an actor whose node is not there any more, and by
	// an Ask whose answer can't come.
	ErrLost = errors.New("remote: connection to the actor lost")
	// ErrBusy ends an Ask for which there was no room where the actor is.
	ErrBusy = errors.New("remote: the actor is too busy")
	// ErrNotFound ends an Ask of an actor that is not, or no longer, published.
	ErrNotFound = errors.New("remote: no such actor")
	// ErrFailed is an error at the actor's place that has no name here; the text has it.
	ErrFailed = errors.New("remote: the request failed")
	// ErrName says that an actor has no name, or one that is too long to publish.
	ErrName = errors.New("remote: invalid name")
	// ErrPublished is returned by Publish for a name that the space has already.
	ErrPublished = errors.New("remote: name published already")
	// ErrClosed is returned by calls on a space that was closed. It matches
	// zmq.ErrClosed and net.ErrClosed.
	ErrClosed = fmt.Errorf("remote: space closed: %w", zmq.ErrClosed)
)

// fault is an error's number on the wire.
type fault byte

const (
	faultOther fault = iota
	faultNotFound
	faultBusy
	faultStopped
	faultNoReply
)

var faults = map[fault]error{
	faultOther: ErrFailed, faultNotFound: ErrNotFound, faultBusy: ErrBusy,
	faultStopped: actor.ErrClosed, faultNoReply: actor.ErrNoReply,
}

// faultOf is the number of an error.
func faultOf(err error) fault {
	for f := faultNotFound; f <= faultNoReply; f++ {
		if errors.Is(err, faults[f]) {
			return f
		}
	}
	return faultOther
}
