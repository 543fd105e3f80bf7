package wire

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A listener may turn a peer away although its credentials are good. Either side's error
// matches one of these.
var (
	// ErrRoutingIDInUse: another peer has the routing id.
	ErrRoutingIDInUse = errors.New("routing id in use")
	// ErrPeerBusy: a socket that talks to one peer has it.
	ErrPeerBusy = errors.New("the socket has its one peer")
	// ErrDenied: anything else.
	ErrDenied = errors.New("not let in")
)

var denials = []error{ErrRoutingIDInUse, ErrPeerBusy, ErrDenied}

// MaxReason is the longest reason of an ERROR, a short string of RFC 37.
const MaxReason = 255

// Denial is the reason that stands in the ERROR for a peer that was turned away: the
// sentinel's text, and what more there is to say.
func Denial(why error) string {
	text := why.Error()
	for _, d := range denials {
		if errors.Is(why, d) {
			if !strings.HasPrefix(text, d.Error()) {
				text = d.Error() + ": " + text
			}
			return text[:min(len(text), MaxReason)]
		}
	}
	return Denial(fmt.Errorf("%w: %w", ErrDenied, why))
}

// Denied is the error for a reason that Denial has made, nil for any other.
func Denied(reason []byte) error {
	for _, d := range denials {
		if more, ok := bytes.CutPrefix(reason, []byte(d.Error())); ok {
			if more = bytes.TrimPrefix(more, []byte(": ")); len(more) == 0 {
				return &saidByPeer{d, ""}
			}
			return &saidByPeer{d, ": " + Quote(more)}
		}
	}
	return nil
}

// saidByPeer is a denial that a peer has sent.
type saidByPeer struct {
	why  error
	more string
}

func (e *saidByPeer) Error() string { return e.why.Error() + ", says the peer" + e.more }
func (e *saidByPeer) Unwrap() error { return e.why }

// IsByPeer reports whether an error is what a peer said that does not let us in.
func IsByPeer(err error) bool {
	var said *saidByPeer
	return errors.As(err, &said)
}

// IsDenial reports whether an error is that of a peer which was turned away.
func IsDenial(err error) bool {
	return slices.ContainsFunc(denials, func(d error) bool { return errors.Is(err, d) })
}

// withoutOurs takes the property out by which one of ours shows itself: it is nothing
// to a program.
func withoutOurs(list []Property) (_ []Property, ours bool) {
	i := slices.IndexFunc(list, func(p Property) bool { return p.Name == propOurs })
	if i < 0 {
		return list, false
	}
	return slices.Delete(list, i, i+1), true
}
