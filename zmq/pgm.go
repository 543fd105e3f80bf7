package zmq

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/pgm"
	"github.com/go-zactor/zactor/internal/pgm/stream"
	"github.com/go-zactor/zactor/internal/session"
)

// maxHops is the largest time to live of a packet.
const maxHops = 255

// publishing are the types that multicast carries.
var publishing = []Type{Pub, XPub, Sub, XSub}

// mayMulticast checks that the socket's type may use pgm and epgm.
func (s *Socket) mayMulticast(ep endpoint.Endpoint) error {
	if slices.Contains(publishing, s.typ) {
		return nil
	}
	return fmt.Errorf("%w: a %s can't use %s, which carries PUB and XPUB to SUB and XSUB only", ErrNotSupported, s.typ, ep.Scheme)
}

// bindMulticast is Bind for pgm and epgm.
func (s *Socket) bindMulticast(ep endpoint.Endpoint, o *options, opts []Option) (string, error) {
	bound := ep.String()
	c, err := s.openMulticast(bound, ep, o, opts)
	if err == nil {
		err = s.keepMulticast(c, func() error {
			if s.ends.bound[bound] != nil {
				return ErrAddrInUse
			}
			s.ends.bound[bound], s.ends.last = c, bound
			return nil
		})
	}
	if err != nil {
		s.event(link.Event{Kind: link.BindFailed, Endpoint: bound, Value: session.Errno(err), Err: err})
		return "", multicastError("bind", bound, err)
	}
	s.event(link.Event{Kind: link.Listening, Endpoint: bound})
	return bound, nil
}

// connectMulticast is Connect for pgm and epgm, where it does the same.
func (s *Socket) connectMulticast(text string, ep endpoint.Endpoint, o *options, opts []Option) error {
	if s.kind.single && s.ends.isDialled(text) {
		return nil
	}
	c, err := s.openMulticast(text, ep, o, opts)
	if err == nil {
		err = s.keepMulticast(c, func() error {
			if s.kind.single && len(s.ends.dialled[text]) > 0 {
				return errTwice
			}
			s.ends.dialled[text] = append(s.ends.dialled[text], c)
			s.ends.last = text
			return nil
		})
	}
	if err == errTwice {
		return nil // another call was faster
	}
	return multicastError("connect", text, err)
}

// errTwice says that an endpoint is connected already, where once is enough.
var errTwice = errors.New("connected twice")

func (e *endpoints) isDialled(text string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.dialled[text]) > 0
}

// keepMulticast enters an open endpoint, or closes it when the socket has closed, or
// enter says why not.
func (s *Socket) keepMulticast(c closer, enter func() error) error {
	s.ends.mu.Lock()
	err := error(ErrClosed)
	if !s.ends.closed {
		err = enter()
	}
	s.ends.mu.Unlock()
	if err != nil {
		closeNow(c)
	}
	return err
}

// openMulticast starts to send to a group, or to hear it.
func (s *Socket) openMulticast(text string, ep endpoint.Endpoint, o *options, opts []Option) (closer, error) {
	cfg, err := o.pgm(ep)
	if err != nil {
		return nil, err
	}
	cfg.Name = text
	h := &handler{s: s, endpoint: text, opts: opts}
	if s.kind.subscribes {
		return closerOf(pgm.Receive(cfg, h))
	}
	return closerOf(pgm.Send(cfg, h))
}

// closeNow closes an endpoint without waiting for what it was to send.
func closeNow(c closer) {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	c.Close(now)
}

// closerOf keeps a nil pointer from becoming a closer that is not nil.
func closerOf[T closer](c T, err error) (closer, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

// pgm are the options of a multicast endpoint.
func (o *options) pgm(ep endpoint.Endpoint) (pgm.Config, error) {
	switch {
	case o.sec.secure():
		return pgm.Config{}, fmt.Errorf("%w: %s has no security, and this socket is to have %s", ErrNotSupported, ep.Scheme, o.sec.called())
	case o.multicastHops > maxHops:
		return pgm.Config{}, fmt.Errorf("%w: MULTICAST_HOPS = %d: must be 1 to %d for %s", ErrInvalidOption, o.multicastHops, maxHops, ep.Scheme)
	case o.multicastTPDU < pgm.MinTPDU || o.multicastTPDU > pgm.MaxTPDU:
		return pgm.Config{}, fmt.Errorf("%w: MULTICAST_MAXTPDU = %d: must be %d to %d for %s", ErrInvalidOption, o.multicastTPDU, pgm.MinTPDU, pgm.MaxTPDU, ep.Scheme)
	}
	return pgm.Config{
		Endpoint: ep,
		Rate:     o.rate, Recovery: o.recovery,
		Hops: o.multicastHops, Loop: o.multicastLoop, TPDU: o.multicastTPDU,
		SndBuf: o.net.SndBuf, RcvBuf: o.net.RcvBuf, TOS: o.net.TOS,
		Limits: stream.Limits{Size: o.maxMsgSize, Parts: o.maxParts},
		Budget: o.rcvBytes,
	}, nil
}

// called names what a socket is protected by.
func (p *protection) called() string {
	if p.name != "" {
		return p.name
	}
	return "an authenticator"
}

// multicastError makes an error of package pgm one of this package.
func multicastError(verb, text string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgm.ErrInterface):
		return &EndpointError{Op: verb, Endpoint: text, Kind: FaultUnavailable, Err: &badEndpoint{text: err.Error(), cause: err}}
	}
	return endpointError(verb, text, err)
}
