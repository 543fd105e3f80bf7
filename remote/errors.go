package remote

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/zmq"
)

var (
	// ErrLost is returned by calls on an actor whose node is not there any more, and by
	// an Ask whose answer can't come.
	ErrLost = errors.New("remote: connection to the actor lost")
	// ErrBusy ends an Ask for which there was no room where the actor is: its mailbox
	// is full, or the quota that this node has there.
	ErrBusy = errors.New("remote: the actor is too busy")
	// ErrNotFound ends an Ask of an actor that is not, or no longer, published.
	ErrNotFound = errors.New("remote: no such actor")
	// ErrDenied ends an Ask of an actor that this node may not use: see WithAllow.
	ErrDenied = errors.New("remote: not allowed to use the actor")
	// ErrFailed is an error at the actor's place that has no name here (see Failure);
	// the text has it.
	ErrFailed = errors.New("remote: the request failed")
	// ErrName says that an actor has no name, or one that is too long to publish.
	ErrName = errors.New("remote: invalid name")
	// ErrPublished is returned by Publish for a name that the space has already.
	ErrPublished = errors.New("remote: name published already")
	// ErrProtocol is returned by Publish and Find for a protocol that can't be used.
	ErrProtocol = errors.New("remote: invalid protocol")
	// ErrOption is returned for an option with an invalid value.
	ErrOption = errors.New("remote: invalid option")
	// ErrClosed is returned by calls on a space that was closed. It matches
	// zmq.ErrClosed and net.ErrClosed.
	ErrClosed = fmt.Errorf("remote: space closed: %w", zmq.ErrClosed)
)

// errSpoilt is told to who asked what could not be worked on because that panicked.
var errSpoilt = errors.New("remote: internal error, contained")

// fault is an error's number on the wire.
type fault byte

const (
	faultOther fault = iota
	faultNotFound
	faultBusy
	faultStopped
	faultNoReply
	faultType
	faultDenied
	lastFault = faultDenied
)

var faults = map[fault]error{
	faultOther: ErrFailed, faultNotFound: ErrNotFound, faultBusy: ErrBusy,
	faultStopped: actor.ErrClosed, faultNoReply: actor.ErrNoReply,
	faultType: actor.ErrType, faultDenied: ErrDenied,
}

// faultOf is the number of an error.
func faultOf(err error) fault {
	if errors.Is(err, actor.ErrMailboxFull) {
		return faultBusy
	}
	for f := faultNotFound; f <= lastFault; f++ {
		if errors.Is(err, faults[f]) {
			return f
		}
	}
	return faultOther
}

// failure is the packet that tells of an error.
func failure(id uint64, why error, p *Protocol) *packet {
	return &packet{op: opFailure, id: id, fault: faultOf(why), text: why.Error(), err: p.nameOf(why)}
}

// fails is the error that a failure tells of. The text is the peer's, and so quoted.
func (p *packet) fails(protocol *Protocol) error {
	if named := protocol.named(p.err); named != nil {
		if p.text == named.Error() {
			return named
		}
		return fmt.Errorf("%w: %s", named, strconv.Quote(p.text))
	}
	known, ok := faults[p.fault]
	switch {
	case !ok, known == ErrFailed:
		return fmt.Errorf("%w: %s", ErrFailed, strconv.Quote(p.text))
	case p.fault == faultType:
		return fmt.Errorf("%w: %s", known, strconv.Quote(p.text))
	}
	return known
}
