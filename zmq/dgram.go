package zmq

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/udp"
)

// checkDatagram refuses what can't be sent here, so that it is not lost later.
func checkDatagram(frames [][]byte) error {
	if len(frames) != 2 {
		return fmt.Errorf("%w: %d frames; a DGRAM needs an address and one frame of data", ErrInvalidMessage, len(frames))
	}
	if _, err := udp.ParseAddress(frames[0]); err != nil {
		return fmt.Errorf("%w: %q %v", ErrInvalidMessage, frames[0], err)
	}
	if n := len(frames[1]); n > udp.MaxDatagram {
		return fmt.Errorf("%w: a datagram of %d bytes, at most %d are possible", ErrMsgTooLarge, n, udp.MaxDatagram)
	}
	return nil
}

// datagrams are what the options say about udp.
func (s *Socket) datagrams(o *options, ep endpoint.Endpoint) udp.Config {
	net := o.netFor(ep)
	return udp.Config{
		Addresses: s.typ == Dgram, IPv6: net.IPv6, Hops: o.multicastHops, Loop: o.multicastLoop,
		TOS: net.TOS, SndBuf: net.SndBuf, RcvBuf: net.RcvBuf, Device: net.BindToDevice,
	}
}

// bindDatagrams binds a DISH or DGRAM to a udp endpoint.
func (s *Socket) bindDatagrams(text string, ep endpoint.Endpoint, o *options) (string, error) {
	if s.typ == Radio {
		return "", endpointError("bind", text, mismatch("a RADIO only connects over udp"))
	}
	if s.typ == Dgram && s.ends.anyBound() {
		return "", fmt.Errorf("bind %q: %w: a DGRAM is bound to one endpoint", text, ErrState)
	}
	l, err := udp.Bind(s.zc, ep, s.datagrams(o, ep))
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("bind %q: %w", text, ErrAddrInUse)
	}
	if err != nil {
		return "", endpointError("bind", text, err)
	}
	if err := s.addBound(l.Endpoint(), func() (closer, error) { return s.startDatagrams(l, true) }, l.Abandon); err != nil {
		return "", err
	}
	return l.Endpoint(), nil
}

// dialDatagrams lets a RADIO send to a udp endpoint.
func (s *Socket) dialDatagrams(text string, ep endpoint.Endpoint, o *options) (closer, error) {
	if s.typ != Radio {
		return nil, mismatch("a %s only binds over udp", s.typ)
	}
	l, err := udp.Dial(s.zc, ep, s.datagrams(o, ep))
	if err != nil {
		return nil, err
	}
	return s.startDatagrams(l, false)
}

// startDatagrams makes a link take part in the type's policies.
func (s *Socket) startDatagrams(l *udp.Link, accepts bool) (closer, error) {
	return closerOf(l, l.Start(&handler{s: s, endpoint: l.Endpoint(), accepts: accepts, bare: true}))
}
