package security

import (
	"crypto/subtle"
	"encoding/binary"
	"io"

	"golang.org/x/crypto/nacl/box"
	"golang.org/x/crypto/nacl/secretbox"

	"github.com/go-zactor/zactor/internal/wire"
)

// CurveServer is the side of CURVE whose public key is known, and which asks its
// authenticator about the client's.
type CurveServer struct {
	curve
	client    [keySize]byte  // the client's transient key, from HELLO
	received  uint64         // counter of the last box that opened
	cookieKey *[keySize]byte // of this connection alone; from HELLO to INITIATE
}

// NewCurveServer returns the server's side, for one connection.
func NewCurveServer(own *KeyPair, rand io.Reader) *CurveServer {
	return &CurveServer{curve: curve{own: own, rand: rand}}
}

// AsServer returns true.
func (s *CurveServer) AsServer() bool { return true }

// Start waits for the client's HELLO; until then the connection costs no key.
func (s *CurveServer) Start(metadata []byte) (wire.Step, error) {
	s.metadata = metadata
	return wire.Step{Await: wire.AwaitHello}, nil
}

// Command takes HELLO, then INITIATE.
func (s *CurveServer) Command(name string, body []byte) (wire.Step, error) {
	if name == wire.NameHello {
		return s.hello(body)
	}
	return s.initiate(body)
}

// hello checks what everybody can make who knows our public key, and answers
// with WELCOME. The checks come in the order of their cost.
func (s *CurveServer) hello(body []byte) (wire.Step, error) {
	if err := checkHello(body); err != nil {
		return wire.Step{}, err
	}
	s.client = [keySize]byte(body[80:112])
	key, err := agree(s.own.secret, s.client[:])
	if err != nil {
		return wire.Step{}, err
	}
	defer forget(key)
	plain, ok := box.OpenAfterPrecomputation(nil, body[120:], nonce(nonceHello, body[112:120]), key)
	if !ok || subtle.ConstantTimeCompare(plain, make([]byte, 64)) != 1 {
		return wire.Step{}, errCrypto
	}
	s.received = binary.BigEndian.Uint64(body[112:])
	welcome, err := s.welcome(key)
	if err != nil {
		return wire.Step{}, err
	}
	return wire.Step{Send: welcome, Await: wire.AwaitInitiate}, nil
}

// checkHello checks what HELLO says in the clear.
func checkHello(body []byte) error {
	switch {
	case len(body) != helloSize:
		return wire.Malformed(wire.CodeMalformedHello, "HELLO of %d bytes, want %d", len(body), helloSize)
	case body[6] != 1 || body[7] != 0:
		return wire.Malformed(wire.CodeMalformedHello, "HELLO of CurveZMQ %d.%d, want 1.0", body[6], body[7])
	}
	for _, b := range body[8:80] {
		if b != 0 {
			return wire.Malformed(wire.CodeMalformedHello, "HELLO whose padding is not zero")
		}
	}
	return nil
}

// welcome makes the transient key and boxes it together with the cookie.
func (s *CurveServer) welcome(key *[keySize]byte) ([]byte, error) {
	var err error
	if s.transient, err = newTransient(s.rand); err != nil {
		return nil, err
	}
	plain, err := s.appendCookie(s.transient.PublicKey().Bytes())
	if err != nil {
		return nil, err
	}
	welcome := append(make([]byte, 0, welcomeSize), wire.NameWelcome...)
	welcome = welcome[:24]
	if err := fill(s.rand, welcome[8:]); err != nil {
		return nil, err
	}
	return box.SealAfterPrecomputation(welcome, plain, nonce(nonceWelcome, welcome[8:]), key), nil
}

// appendCookie appends the cookie, which the client will bring back. Its key is
// never shared between connections: a recorded conversation, whose cookie says
// which transient key we used, could be played again to whoever has the key. RFC
// 26 would have the server keep nothing until the cookie comes back. Over TCP the
// connection is there anyhow, so we keep the transient key and only compare.
func (s *CurveServer) appendCookie(b []byte) ([]byte, error) {
	s.cookieKey = new([keySize]byte)
	if err := fill(s.rand, s.cookieKey[:]); err != nil {
		return nil, err
	}
	var random [longNonceSize]byte
	if err := fill(s.rand, random[:]); err != nil {
		return nil, err
	}
	secret := s.transient.Bytes()
	defer clear(secret)
	plain := append(append(make([]byte, 0, 2*keySize), s.client[:]...), secret...)
	defer clear(plain)
	return secretbox.Seal(append(b, random[:]...), plain, nonce(nonceCookie, random[:]), s.cookieKey), nil
}

// initiate learns who the client is and hands that to the authenticator.
func (s *CurveServer) initiate(body []byte) (wire.Step, error) {
	if len(body) < initiateSize {
		return wire.Step{}, wire.Malformed(wire.CodeMalformedInitiate, "INITIATE of %d bytes, want at least %d", len(body), initiateSize)
	}
	if !s.openCookie(body[9:105]) {
		return wire.Step{}, errCrypto
	}
	counter := binary.BigEndian.Uint64(body[105:])
	if counter <= s.received {
		return wire.Step{}, wire.Malformed(wire.CodeInvalidSequence, "INITIATE with nonce %d after %d", counter, s.received)
	}
	var err error
	if s.session, err = agree(s.transient, s.client[:]); err != nil {
		return wire.Step{}, err
	}
	plain, ok := box.OpenAfterPrecomputation(nil, body[113:], nonce(nonceInitiate, body[105:113]), s.session)
	if !ok {
		return wire.Step{}, errCrypto
	}
	public, vouch, metadata := plain[:keySize], plain[keySize:keySize+longNonceSize+vouchSize], plain[keySize+longNonceSize+vouchSize:]
	if err := s.checkVouch(public, vouch); err != nil {
		return wire.Step{}, err
	}
	s.received = counter
	return wire.Step{
		Await:       wire.AwaitDecision,
		Metadata:    metadata,
		Credentials: wire.Credentials{Mechanism: "CURVE", PublicKey: public},
	}, nil
}

// openCookie checks that the cookie is ours, and of this connection. Its key is
// gone afterwards.
func (s *CurveServer) openCookie(cookie []byte) bool {
	defer s.forgetCookie()
	plain, ok := secretbox.Open(nil, cookie[longNonceSize:], nonce(nonceCookie, cookie[:longNonceSize]), s.cookieKey)
	if !ok {
		return false
	}
	defer clear(plain)
	secret := s.transient.Bytes()
	defer clear(secret)
	sameClient := subtle.ConstantTimeCompare(plain[:keySize], s.client[:])
	sameSecret := subtle.ConstantTimeCompare(plain[keySize:], secret)
	return sameClient&sameSecret == 1
}

func (s *CurveServer) forgetCookie() {
	forget(s.cookieKey)
	s.cookieKey = nil
}

// checkVouch checks that the owner of the long-term key made the vouch, for the
// transient key of this connection and for us.
func (s *CurveServer) checkVouch(public, vouch []byte) error {
	key, err := agree(s.transient, public)
	if err != nil {
		return err
	}
	defer forget(key)
	plain, ok := box.OpenAfterPrecomputation(nil, vouch[longNonceSize:], nonce(nonceVouch, vouch[:longNonceSize]), key)
	if !ok {
		return errCrypto
	}
	sameClient := subtle.ConstantTimeCompare(plain[:keySize], s.client[:])
	sameServer := subtle.ConstantTimeCompare(plain[keySize:], s.own.public[:])
	if sameClient&sameServer != 1 {
		return errVouch
	}
	return nil
}

var errVouch = &wire.ProtocolError{Code: wire.CodeKeyExchange, Reason: "vouch for another connection or another server"}

// Allow sends READY; messages may follow.
func (s *CurveServer) Allow() (wire.Step, error) {
	ready := make([]byte, 0, readySize+len(s.metadata))
	ready = appendCounter(append(ready, wire.NameReady...), serverReady)
	ready = box.SealAfterPrecomputation(ready, s.metadata, nonce(nonceReady, ready[6:]), s.session)
	s.sealer = newCurveBox(s.session, nonceServer, nonceClient, serverMessages, s.received)
	return wire.Step{Send: ready, Await: wire.Done}, nil
}

// Close forgets the keys of the handshake.
func (s *CurveServer) Close() {
	s.forgetCookie()
	s.forget()
}
