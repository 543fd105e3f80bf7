package security

import (
	"crypto/ecdh"
	"encoding/binary"
	"io"

	"golang.org/x/crypto/nacl/box"

	"github.com/go-zactor/zactor/internal/wire"
)

// The sizes of the commands of CURVE.
const (
	helloSize    = 200
	welcomeSize  = 168
	cookieSize   = 96
	vouchSize    = 80
	initiateSize = 257 // without metadata
	readySize    = 30  // without metadata
)

// The counters of the boxes in the handshake; messages go on from there.
const (
	clientHello    = 1
	clientInitiate = 2
	clientMessages = 3
	serverReady    = 1
	serverMessages = 2
)

// curve is what both sides of the mechanism CURVE have in common.
type curve struct {
	opaque
	own       *KeyPair
	rand      io.Reader
	metadata  []byte
	transient *ecdh.PrivateKey
	session   *[keySize]byte // between the transient keys
	sealer    *curveBox
}

// Name returns "CURVE".
func (c *curve) Name() string { return "CURVE" }

// Sealer returns the protection of the traffic. The caller owns it.
func (c *curve) Sealer() wire.Sealer {
	if c.sealer == nil {
		return nil
	}
	s := c.sealer
	c.sealer = nil
	return s
}

func (c *curve) forget() {
	forget(c.session)
	c.session, c.transient = nil, nil
	if c.sealer != nil {
		c.sealer.Close()
		c.sealer = nil
	}
}

// CurveClient is the side of CURVE that knows the server's public key.
type CurveClient struct {
	curve
	server   [keySize]byte
	helloKey *[keySize]byte // between our transient and the server's long-term key
}

// NewCurveClient returns the client's side, for one connection.
func NewCurveClient(own *KeyPair, serverPublic *[keySize]byte, rand io.Reader) (*CurveClient, error) {
	if isZero(serverPublic[:]) {
		return nil, ErrWeakKey
	}
	return &CurveClient{curve: curve{own: own, rand: rand}, server: *serverPublic}, nil
}

// AsServer returns false.
func (c *CurveClient) AsServer() bool { return false }

// Start makes the transient key and sends HELLO, a box of zeros that shows that
// we have it.
func (c *CurveClient) Start(metadata []byte) (wire.Step, error) {
	c.metadata = metadata
	var err error
	if c.transient, err = newTransient(c.rand); err != nil {
		return wire.Step{}, err
	}
	if c.helloKey, err = agree(c.transient, c.server[:]); err != nil {
		return wire.Step{}, err
	}
	hello := make([]byte, 0, helloSize)
	hello = append(hello, wire.NameHello...)
	hello = append(hello, 1, 0) // version of CurveZMQ
	hello = append(hello, make([]byte, 72)...)
	hello = append(hello, c.transient.PublicKey().Bytes()...)
	hello = appendCounter(hello, clientHello)
	hello = box.SealAfterPrecomputation(hello, make([]byte, 64), nonce(nonceHello, hello[112:]), c.helloKey)
	return wire.Step{Send: hello, Await: wire.AwaitWelcome}, nil
}

// Command takes WELCOME, then READY.
func (c *CurveClient) Command(name string, body []byte) (wire.Step, error) {
	if name == wire.NameReady {
		return c.ready(body)
	}
	return c.welcome(body)
}

// welcome learns the server's transient key and answers with INITIATE.
func (c *CurveClient) welcome(body []byte) (wire.Step, error) {
	if len(body) != welcomeSize {
		return wire.Step{}, wire.Malformed(wire.CodeMalformedWelcome, "WELCOME of %d bytes, want %d", len(body), welcomeSize)
	}
	plain, ok := box.OpenAfterPrecomputation(nil, body[24:], nonce(nonceWelcome, body[8:24]), c.helloKey)
	if !ok {
		return wire.Step{}, errCrypto
	}
	theirs, cookie := plain[:keySize], plain[keySize:]
	var err error
	if c.session, err = agree(c.transient, theirs); err != nil {
		return wire.Step{}, err
	}
	initiate, err := c.initiate(theirs, cookie)
	if err != nil {
		return wire.Step{}, err
	}
	return wire.Step{Send: initiate, Await: wire.AwaitReady}, nil
}

func (c *CurveClient) initiate(theirs, cookie []byte) ([]byte, error) {
	plain := make([]byte, 0, initiateSize+len(c.metadata))
	plain = append(plain, c.own.public[:]...)
	plain, err := c.appendVouch(plain, theirs)
	if err != nil {
		return nil, err
	}
	plain = append(plain, c.metadata...)

	initiate := make([]byte, 0, initiateSize+len(c.metadata))
	initiate = append(initiate, wire.NameInitiate...)
	initiate = append(initiate, cookie...)
	initiate = appendCounter(initiate, clientInitiate)
	return box.SealAfterPrecomputation(initiate, plain, nonce(nonceInitiate, initiate[105:]), c.session), nil
}

// appendVouch appends a nonce and the box that ties our long-term key to this
// connection: only its owner can have made it, for this transient key and for
// this server.
func (c *CurveClient) appendVouch(b, theirs []byte) ([]byte, error) {
	key, err := agree(c.own.secret, theirs)
	if err != nil {
		return nil, err
	}
	defer forget(key)
	var random [longNonceSize]byte
	if err := fill(c.rand, random[:]); err != nil {
		return nil, err
	}
	vouch := append(c.transient.PublicKey().Bytes(), c.server[:]...)
	return box.SealAfterPrecomputation(append(b, random[:]...), vouch, nonce(nonceVouch, random[:]), key), nil
}

// ready takes the server's metadata; messages may follow.
func (c *CurveClient) ready(body []byte) (wire.Step, error) {
	if len(body) < readySize {
		return wire.Step{}, wire.Malformed(wire.CodeMalformedReady, "READY of %d bytes, want at least %d", len(body), readySize)
	}
	metadata, ok := box.OpenAfterPrecomputation([]byte{}, body[14:], nonce(nonceReady, body[6:14]), c.session)
	if !ok {
		return wire.Step{}, errCrypto
	}
	c.sealer = newCurveBox(c.session, nonceClient, nonceServer, clientMessages, binary.BigEndian.Uint64(body[6:]))
	return wire.Step{Await: wire.Done, Metadata: metadata}, nil
}

// Allow fails: a client decides nothing.
func (c *CurveClient) Allow() (wire.Step, error) { return wire.Step{}, errNoDecision }

// Close forgets the keys of the handshake.
func (c *CurveClient) Close() {
	forget(c.helloKey)
	c.helloKey = nil
	c.forget()
}
