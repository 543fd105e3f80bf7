package wire

// advance acts on the bytes gathered: it consumes them or wants more of them.
func (h *Handshake) advance() error {
	switch h.stage {
	case readFirst, readSignature:
		return h.signature()
	case readRevision:
		return h.revision(h.buf[signatureEnd])
	case readPeerType:
		h.result.PeerType = typeOfCode(h.buf[minorEnd-1])
		h.expect(readIdentity, 1)
	case readMinor:
		h.result.Version = version3(h.buf[revisionEnd-1], h.buf[minorEnd-1])
		h.stage, h.want = readMechanism, mechanismEnd
	case readMechanism:
		h.stage, h.want = readFiller, greetingEnd
		return checkMechanism(h.buf[minorEnd:mechanismEnd], h.cfg.Mechanism.Name())
	case readFiller:
		h.expect(readCommand, 1)
		return h.start()
	case readIdentity:
		return h.identity()
	case readCommand:
		return h.command()
	}
	return nil
}

// signature tells whether the peer sends a greeting. One that does not is of
// ZMTP 1.0 and begins with an identity frame: its first byte is a short length,
// or 0xFF, a long length and flags, whose lowest bit is not set.
func (h *Handshake) signature() error {
	switch {
	case h.buf[0] != signatureFirst:
		return h.unversioned()
	case len(h.buf) < signatureEnd:
		h.stage, h.want = readSignature, signatureEnd
		return nil
	case h.buf[signatureEnd-1]&1 == 0:
		return h.unversioned()
	}
	h.libzmq = [8]byte(h.buf[1:signatureEnd-1]) != [8]byte{}
	h.stage, h.want = readRevision, revisionEnd
	if !h.secure {
		h.out = append(h.out, revision3)
	}
	return nil
}

// unversioned goes on with a peer of ZMTP 1.0. It has taken our signature for
// the header of a frame; the identity is the body it waits for. What it sent so
// far stays in the buffer, as the beginning of its own identity frame.
func (h *Handshake) unversioned() error {
	if h.secure {
		return ErrInsecure
	}
	h.result.Version, h.result.Unversioned = V1, true
	h.out = append(h.out, h.cfg.Identity...)
	h.stage = readIdentity
	return h.identity()
}

func (h *Handshake) revision(revision byte) error {
	switch revision {
	case revision1:
		return h.downgrade(V1)
	case revision2:
		return h.downgrade(V2)
	}
	h.stage, h.want = readMinor, minorEnd
	if !h.secure {
		h.out = appendTail3(h.out, h.cfg.Mechanism)
	}
	return nil
}

// downgrade goes on with a peer whose greeting has twelve bytes: the last is the
// socket type, and the identity follows in a frame.
func (h *Handshake) downgrade(v Version) error {
	if h.secure {
		return ErrInsecure
	}
	h.result.Version = v
	h.out = append(h.out, typeCode(h.cfg.SocketType))
	if v == V1 {
		h.out = AppendHeader1(h.out, 0, len(h.cfg.Identity))
	} else {
		h.out = AppendHeader(h.out, 0, len(h.cfg.Identity))
	}
	h.out = append(h.out, h.cfg.Identity...)
	h.stage, h.want = readPeerType, minorEnd
	return nil
}

// identity reads the identity frame with which the stream of a peer of ZMTP 1.0
// or 2.0 begins. After it such a connection is Ready.
func (h *Handshake) identity() error {
	parse := ParseHeader
	if h.result.Version == V1 {
		parse = ParseHeader1
	}
	flags, hdr, size, err := parse(h.buf)
	switch {
	case err != nil:
		return err
	case hdr == 0:
		h.want = len(h.buf) + 1
		return nil
	case flags&^FlagLarge != 0:
		return Malformed(CodeUnspecified, "identity frame with flags %#02x", flags)
	case size > MaxIdentity:
		return Malformed(CodeUnspecified, "identity of %d bytes, the limit is %d", size, MaxIdentity)
	case len(h.buf) < hdr+int(size):
		h.want = hdr + int(size)
		return nil
	}
	if err := h.setIdentity(h.buf[hdr:]); err != nil {
		return err
	}
	h.known()
	return nil
}
