package wire

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// start hands over to the mechanism, after the greetings.
func (h *Handshake) start() error {
	h.phase = Handshaking
	step, err := h.cfg.Mechanism.Start(h.metadata())
	if err != nil {
		return err
	}
	return h.apply(step)
}

// metadata encodes what we tell the peer about ourselves.
func (h *Handshake) metadata() []byte {
	b := AppendProperty(nil, propSocketType, []byte(h.cfg.SocketType))
	if sendsIdentity(h.cfg.SocketType) {
		b = AppendProperty(b, propIdentity, h.cfg.Identity)
	}
	if h.cfg.Ours {
		b = AppendProperty(b, propOurs, []byte("1"))
	}
	return AppendMetadata(b, h.cfg.Properties)
}

// command reads a frame, which must be a command of the handshake, and acts on
// it. The header alone may refuse it; its body is not waited for then.
func (h *Handshake) command() error {
	if flags := h.buf[0]; flags&^FlagLarge != FlagCommand {
		return Malformed(CodeUnexpectedCommand, "frame with flags %#02x during the handshake", flags)
	}
	_, hdr, size, err := ParseHeader(h.buf)
	switch {
	case err != nil:
		return err
	case hdr == 0:
		h.want = len(h.buf) + 1
		return nil
	case size > MaxHandshakeCommand:
		return Malformed(CodeUnexpectedCommand, "command of %d bytes during the handshake, the limit is %d",
			size, MaxHandshakeCommand)
	case len(h.buf) < hdr+int(size):
		h.want = hdr + int(size)
		return nil
	}
	if err := h.dispatch(h.buf[hdr:]); err != nil {
		return err
	}
	if h.reading() {
		h.expect(readCommand, 1)
	}
	return nil
}

// dispatch gives a command to the mechanism if it is the one that may come now.
func (h *Handshake) dispatch(body []byte) error {
	name, data, ok := splitCommand(body)
	awaited, orError := h.await.legal()
	if h.await == AwaitWelcome && h.curve() {
		// A CURVE server, ours or libzmq's, refuses a key that it has seen: after
		// INITIATE. Before WELCOME nothing shows that it is the server who speaks.
		orError = false
	}
	if orError && h.plain() && bytes.HasPrefix(body, []byte(misspeltError)) {
		return peerError(body[len(misspeltError):])
	}
	if !ok {
		return Malformed(CodeUnexpectedCommand, "command of %d bytes without a whole name", len(body))
	}
	switch {
	case string(name) == awaited:
		step, err := h.cfg.Mechanism.Command(awaited, body)
		if err != nil {
			return err
		}
		return h.apply(step)
	case orError && string(name) == nameError:
		return peerError(data)
	}
	return Malformed(CodeUnexpectedCommand, "command %s while waiting for %s", Quote(name[1:]), awaited[1:])
}

// misspeltError is how libzmq, from 4.3.0 to 4.3.5 at least, spells ERROR in PLAIN
// and nowhere else: it writes "\x05ERROR" in C, where the E belongs to the number.
// Both its sides agree, so we must understand it and, to be understood, say it.
const misspeltError = "^RROR"

func (h *Handshake) plain() bool { return h.cfg.Mechanism.Name() == "PLAIN" }
func (h *Handshake) curve() bool { return h.cfg.Mechanism.Name() == "CURVE" }

// errorName is how the peer spells ERROR. Peers that are not libzmq and look like it
// do not understand the other spelling; they are refused all the same.
func (h *Handshake) errorName() string {
	if h.libzmq && h.plain() {
		return misspeltError
	}
	return nameError
}

// peerError turns an ERROR of the server into ours.
func peerError(data []byte) error {
	c, err := parseError(data)
	if err != nil {
		return err
	}
	if isStatus(c.Data) {
		return &AuthError{Status: string(c.Data)}
	}
	if err := Denied(c.Data); err != nil {
		return err
	}
	return Malformed(CodeUnspecified, "the peer ended the handshake: %s", Quote(c.Data))
}

// isStatus reports whether a reason is a status code of ZAP.
func isStatus(reason []byte) bool {
	notDigit := func(c byte) bool { return c < '0' || c > '9' }
	return len(reason) == 3 && !slices.ContainsFunc(reason, notDigit)
}

// apply does what the mechanism asks for. The peer's metadata comes first:
// nothing is sent, and nobody asked, for a peer that we could not talk to.
func (h *Handshake) apply(s Step) error {
	if s.Metadata != nil {
		if err := h.setMetadata(slices.Clone(s.Metadata)); err != nil {
			if errors.Is(err, ErrIncompatible) {
				h.release() // the peer is to learn of it, too
			}
			return err
		}
	}
	switch {
	case s.Send == nil:
	case h.cfg.HoldReady && h.cfg.Mechanism.Name() == "NULL", h.cfg.Ask && s.Await == Done:
		h.held = slices.Clone(s.Send)
	default:
		h.out = AppendCommand(h.out, s.Send)
	}
	h.await = s.Await
	switch s.Await {
	case AwaitDecision:
		h.phase, h.creds = Waiting, s.Credentials.clone()
		h.expect(readCommand, 1)
	case Done:
		if h.result.PeerType == "" {
			return errNoSocketType
		}
		h.known()
	}
	return nil
}

var errNoSocketType = &ProtocolError{Code: CodeInvalidMetadata, Reason: "metadata without a Socket-Type"}

// setMetadata checks and keeps what the peer tells about itself. It owns b.
func (h *Handshake) setMetadata(b []byte) error {
	properties, err := ParseMetadata(b)
	if err != nil {
		return err
	}
	socketType, ok := Lookup(properties, propSocketType)
	if !ok {
		return errNoSocketType
	}
	if !Compatible(h.cfg.SocketType, string(socketType)) {
		return fmt.Errorf("%w: ours is %s, the peer's is %s", ErrIncompatible, h.cfg.SocketType, Quote(socketType))
	}
	h.result.PeerType = string(socketType)
	h.result.Properties, h.result.Ours = withoutOurs(properties)
	if !sendsIdentity(h.result.PeerType) {
		return nil // RFC 37: "the Identity property shall be ignored"
	}
	identity, _ := Lookup(properties, propIdentity)
	return h.setIdentity(identity)
}

// setIdentity checks and keeps the routing id that the peer chose. RFC 37: "The
// first octet of the Identity SHALL NOT be zero"; a ROUTER makes such ids itself.
func (h *Handshake) setIdentity(id []byte) error {
	switch {
	case len(id) > MaxIdentity:
		return Malformed(CodeInvalidMetadata, "identity of %d bytes, the limit is %d", len(id), MaxIdentity)
	case len(id) > 0 && id[0] == 0:
		return Malformed(CodeInvalidMetadata, "identity that begins with a zero byte")
	}
	h.result.PeerIdentity = slices.Clone(id)
	return nil
}
