package zmq4

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/wire"
)

// Conn is a connection that speaks ZMTP 3.0, for security mechanisms of a program's own
// and for programs that need no socket. One goroutine may send while another receives.
type Conn struct {
	Server bool
	Meta   Metadata // what this side says of itself
	Peer   struct { // what the other side does
		Server bool
		Meta   Metadata
	}

	rw     net.Conn
	sec    mechanism
	typ    SocketType
	closed atomic.Bool
	onLoss func(*Conn)
	lossMu sync.Once
}

// mechanism is what a Security must have to make a handshake itself.
type mechanism interface {
	Type() SecurityType
	Handshake(conn *Conn, server bool) error
	Encrypt(w io.Writer, data []byte) (int, error)
	Decrypt(w io.Writer, data []byte) (int, error)
}

// Open makes a connection speak ZMTP: greetings, then the handshake of the mechanism,
// then a look whether the types fit. onCloseErrorCB, which may be nil, is called once
// when the connection turns out to be lost. rw is the caller's until Open succeeds. There
// is no deadline: set one on rw.
//
// The Conn starts no goroutine: what rw, sec and onCloseErrorCB do runs in the caller. A
// panic fails Open; afterwards it reaches the caller, and the connection is closed.
func Open(rw net.Conn, sec Security, sockType SocketType, sockID SocketIdentity, server bool, onCloseErrorCB func(c *Conn)) (*Conn, error) {
	m, ok := sec.(mechanism)
	switch {
	case rw == nil:
		return nil, errors.New("zmq4: no connection")
	case !ok:
		return nil, fmt.Errorf("%w: a %T has no Handshake", ErrSecurity, sec)
	}
	c := &Conn{
		Server: server, rw: rw, sec: m, typ: sockType, onLoss: onCloseErrorCB,
		Meta: Metadata{propertyType: string(sockType), propertyIdentity: sockID.String()},
	}
	c.Peer.Meta = Metadata{}
	if err := c.open(); err != nil {
		return nil, fmt.Errorf("zmq4: could not initialize ZMTP connection: %w", err)
	}
	return c, nil
}

func (c *Conn) open() (err error) {
	defer func() {
		if r := recover(); r != nil { // of a mechanism, or of what else is the program's
			err = fmt.Errorf("%w: it panicked: %v", ErrSecurity, r)
		}
	}()
	if err := c.greet(); err != nil {
		return err
	}
	if err := c.sec.Handshake(c, c.Server); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	if peer := SocketType(c.Peer.Meta[propertyType]); !peer.IsCompatible(c.typ) {
		return fmt.Errorf("%w: a %s does not talk to a %q", wire.ErrIncompatible, c.typ, peer)
	}
	return nil
}

// The greeting of ZMTP 3.0: where its parts end.
const (
	greetingVersion   = 10
	greetingMechanism = 12
	greetingServer    = 32
	greetingSize      = 64
)

// greeting is a side's first bytes.
func greeting(mechanism string, server bool) []byte {
	b := make([]byte, greetingSize)
	b[0], b[9], b[greetingVersion] = 0xFF, 0x7F, 3
	copy(b[greetingMechanism:greetingServer], mechanism)
	if server {
		b[greetingServer] = 1
	}
	return b
}

func (c *Conn) greet() error {
	name := string(c.sec.Type())
	if len(name) > greetingServer-greetingMechanism {
		return fmt.Errorf("%w: the name %q is too long", ErrSecurity, name)
	}
	if _, err := c.Write(greeting(name, c.Server && name != string(NullSecurity))); err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	var b [greetingSize]byte
	if _, err := c.Read(b[:]); err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	theirs := string(bytes.TrimRight(b[greetingMechanism:greetingServer], "\x00"))
	switch {
	case b[0] != 0xFF || b[9]&1 == 0 || b[greetingVersion] < 3:
		return errors.New("greeting: the peer does not speak ZMTP 3")
	case theirs != name:
		return fmt.Errorf("%w: ours is %s, the peer's is %s", ErrSecurity, name, wire.Quote([]byte(theirs)))
	}
	c.Peer.Server = b[greetingServer] == 1
	return nil
}

// Close ends the connection.
func (c *Conn) Close() error {
	c.closed.Store(true)
	return c.rw.Close()
}

// Closed reports whether the connection is closed or lost.
func (c *Conn) Closed() bool { return c.closed.Load() }

// SetClosed notes that the connection is lost, and tells who wanted to know.
func (c *Conn) SetClosed() {
	c.closed.Store(true)
	if c.onLoss != nil {
		c.lossMu.Do(func() { c.onLoss(c) })
	}
}

// Read fills p.
func (c *Conn) Read(p []byte) (int, error) {
	if c.Closed() {
		return 0, ErrClosedConn
	}
	return c.transfer(func() (int64, error) {
		n, err := io.ReadFull(c.rw, p)
		return int64(n), err
	})
}

// transfer reads or writes, and notes that the connection is lost, also when it panics:
// who calls again would be in the middle of something.
func (c *Conn) transfer(do func() (int64, error)) (int, error) {
	returned := false
	defer func() {
		if !returned {
			c.closed.Store(true)
		}
	}()
	n, err := do()
	returned = true
	if err != nil {
		c.SetClosed()
	}
	return int(n), err
}

// Write writes p.
func (c *Conn) Write(p []byte) (int, error) {
	if c.Closed() {
		return 0, ErrClosedConn
	}
	return c.transfer(func() (int64, error) {
		n, err := c.rw.Write(p)
		return int64(n), err
	})
}

// SendCmd sends a command.
func (c *Conn) SendCmd(name string, body []byte) error {
	b, err := Cmd{Name: name, Body: body}.encode()
	if err != nil {
		return err
	}
	return c.writeFrame(wire.FlagCommand, b)
}

// RecvCmd receives a command. A message instead is ErrBadFrame.
func (c *Conn) RecvCmd() (Cmd, error) {
	flags, body, err := c.readFrame()
	if err != nil {
		return Cmd{}, err
	}
	if flags&wire.FlagCommand == 0 {
		return Cmd{}, ErrBadFrame
	}
	return decodeCmd(body)
}

// SendMsg sends a message.
func (c *Conn) SendMsg(msg Msg) error {
	for i, f := range msg.Frames {
		var flags byte
		if i+1 < len(msg.Frames) {
			flags = wire.FlagMore
		}
		if err := c.writeFrame(flags, f); err != nil {
			return err
		}
	}
	return nil
}

// RecvMsg receives a message. A command is a message of type CmdMsg whose frame is its
// body; a PING is answered.
func (c *Conn) RecvMsg() (Msg, error) {
	var m Msg
	for {
		flags, body, err := c.readFrame()
		if err != nil {
			return Msg{err: err}, err
		}
		if flags&wire.FlagCommand != 0 {
			return c.recvCmdMsg(body)
		}
		m.Frames = append(m.Frames, body)
		if flags&wire.FlagMore == 0 {
			return m, nil
		}
	}
}

func (c *Conn) recvCmdMsg(body []byte) (Msg, error) {
	cmd, err := decodeCmd(body)
	if err != nil {
		return Msg{err: err}, err
	}
	if cmd.Name == CmdPing {
		var context []byte
		if len(cmd.Body) > 2 { // behind the TTL
			context = cmd.Body[2:]
		}
		if err := c.SendCmd(CmdPong, context); err != nil {
			return Msg{err: err}, err
		}
	}
	m := Msg{Type: CmdMsg}
	if len(cmd.Body) > 0 {
		m.Frames = [][]byte{cmd.Body}
	}
	return m, nil
}

// writeFrame sends one frame, which the mechanism encrypts.
func (c *Conn) writeFrame(flags byte, body []byte) error {
	var sealed bytes.Buffer
	if _, err := c.sec.Encrypt(&sealed, body); err != nil {
		return fmt.Errorf("%w: encrypt: %w", ErrSecurity, err)
	}
	_, err := c.Write(append(wire.AppendHeader(nil, flags, sealed.Len()), sealed.Bytes()...))
	return err
}

// readFrame receives one frame, which the mechanism decrypts. Memory grows with what
// arrives, whatever length the peer says.
func (c *Conn) readFrame() (flags byte, body []byte, err error) {
	head := make([]byte, 2, 9)
	if _, err := c.Read(head); err != nil {
		return 0, nil, err
	}
	if head[0]&wire.FlagLarge != 0 {
		head = head[:9]
		if _, err := c.Read(head[2:]); err != nil {
			return 0, nil, err
		}
	}
	flags, _, size, err := wire.ParseHeader(head)
	if err != nil {
		c.SetClosed()
		return 0, nil, err
	}
	if size > 1<<62 {
		c.SetClosed()
		return 0, nil, ErrBadFrame
	}
	var sealed, open bytes.Buffer
	if _, err := c.transfer(func() (int64, error) { return io.CopyN(&sealed, c.rw, int64(size)) }); err != nil {
		return 0, nil, err
	}
	if _, err := c.sec.Decrypt(&open, sealed.Bytes()); err != nil {
		c.SetClosed()
		return 0, nil, fmt.Errorf("%w: decrypt: %w", ErrSecurity, err)
	}
	return flags, open.Bytes(), nil
}
