package remote

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/logs"
)

// Option changes how a space works.
type Option func(*options) error

type options struct {
	messages int // of one peer that wait for one actor, or that it has and has not answered
	bytes    int // of one peer that wait

	log logs.Logger

	// probe is how long a peer may say nothing to an Ask before it is pinged, and then
	// to the ping before it counts as silent.
	probe time.Duration
}

// WithQuota bounds what one peer may have here: so many messages that wait for each
// actor or are asked and not answered, and so many bytes that wait for all of them, or
// one message that is larger. The default is 1,000 messages and 64 MiB. What is beyond
// is counted in Stats, and an Ask ends with ErrBusy. The quota of one peer is no other
// one's: who fills its own holds up nobody. In bytes the nodes of one address (IPv6: of
// one /64) have four quotas together, and all nodes sixteen; when those are taken, the
// node with the most loses what it sent last.
func WithQuota(messages, bytes int) Option {
	return func(o *options) error {
		if messages < 1 || bytes < 1 {
			return fmt.Errorf("%w: WithQuota: %d messages, %d bytes: must be above 0", ErrOption, messages, bytes)
		}
		o.messages, o.bytes = messages, bytes
		return nil
	}
}

// PublishOption changes how an actor is published.
type PublishOption func(*terms) error

// terms are how an actor is published.
type terms struct{ allow func(Peer) bool }

// WithAllow has only those use the actor for whom allowed returns true; an Ask of
// others ends with ErrDenied, what they send is counted. It is called for each message,
// by one goroutine, and must not wait. Over zyre.WithCurve a peer has proved its key;
// in clear a peer is whoever it says.
func WithAllow(allowed func(Peer) bool) PublishOption {
	return func(p *terms) error {
		if allowed == nil {
			return fmt.Errorf("%w: WithAllow: nil", ErrOption)
		}
		p.allow = allowed
		return nil
	}
}

// WithAllowKeys is WithAllow for the holders of certificates: their public keys, in Z85.
// Nobody in clear is among them.
func WithAllowKeys(keys ...string) PublishOption {
	return func(p *terms) error {
		if slices.Contains(keys, "") || len(keys) == 0 {
			return fmt.Errorf("%w: WithAllowKeys: %d keys: must be keys, and at least one", ErrOption, len(keys))
		}
		keys = slices.Clone(keys)
		p.allow = func(who Peer) bool { return slices.Contains(keys, who.Key) }
		return nil
	}
}

// admits is nil for a peer that may use the actor. A WithAllow that panics lets
// nobody in.
func (p *terms) admits(who Peer) error {
	if p.allow == nil {
		return nil
	}
	ok := false
	err := contain.Try("WithAllow", func() error { ok = p.allow(who); return nil })
	if err != nil {
		return errors.Join(ErrDenied, err)
	}
	if !ok {
		return ErrDenied
	}
	return nil
}
