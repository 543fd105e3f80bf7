package security

import (
	"crypto/ecdh"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"io"

	//lint:ignore SA1019 CURVE is XSalsa20; x/crypto has no newer home for HSalsa20.
	"golang.org/x/crypto/salsa20/salsa"
)

const keySize = 32

// KeyPair is a long-term CURVE key pair. It is built once per socket, since
// building it costs as much as a key agreement, and shared by its connections.
type KeyPair struct {
	opaque
	public [keySize]byte
	secret *ecdh.PrivateKey
}

// NewKeyPair checks that the keys are usable and belong together.
func NewKeyPair(public, secret *[keySize]byte) (*KeyPair, error) {
	if isZero(public[:]) || isZero(secret[:]) {
		return nil, ErrWeakKey
	}
	k, err := ecdh.X25519().NewPrivateKey(secret[:])
	if err != nil {
		return nil, fmt.Errorf("CURVE secret key: %w", err)
	}
	if subtle.ConstantTimeCompare(k.PublicKey().Bytes(), public[:]) != 1 {
		return nil, ErrKeyMismatch
	}
	return &KeyPair{public: *public, secret: k}, nil
}

func isZero(b []byte) bool {
	var zero [keySize]byte
	return subtle.ConstantTimeCompare(b, zero[:]) == 1
}

// newTransient makes the key pair of one connection. It does not let crypto/ecdh
// generate it: that ignores the reader it is given.
func newTransient(rand io.Reader) (*ecdh.PrivateKey, error) {
	var secret [keySize]byte
	defer clear(secret[:])
	if err := fill(rand, secret[:]); err != nil {
		return nil, err
	}
	return ecdh.X25519().NewPrivateKey(secret[:])
}

func fill(rand io.Reader, b []byte) error {
	if _, err := io.ReadFull(rand, b); err != nil {
		return fmt.Errorf("CURVE randomness: %w", err)
	}
	return nil
}

// agree returns the key for boxes between the two: HSalsa20 of the X25519 secret,
// as NaCl's crypto_box_beforenm has it. Unlike NaCl's it fails for public keys
// that are zero or of low order, because crypto/ecdh does.
func agree(ours *ecdh.PrivateKey, theirs []byte) (*[keySize]byte, error) {
	public, err := ecdh.X25519().NewPublicKey(theirs)
	if err != nil {
		return nil, errCrypto
	}
	dh, err := ours.ECDH(public)
	if err != nil {
		return nil, errCrypto
	}
	key := (*[keySize]byte)(dh)
	var zero [16]byte
	salsa.HSalsa20(key, &zero, key, &salsa.Sigma)
	return key, nil
}

// forget clears a key that may not be there.
func forget(key *[keySize]byte) {
	if key != nil {
		clear(key[:])
	}
}

const (
	nonceSize      = 24
	longNonceSize  = 16
	shortNonceSize = 8
)

// The beginnings of the nonces, each of which names the box it is for. The short
// ones go before 16 random bytes, the long ones before a counter.
const (
	nonceWelcome  = "WELCOME-"
	nonceCookie   = "COOKIE--"
	nonceVouch    = "VOUCH---"
	nonceHello    = "CurveZMQHELLO---"
	nonceInitiate = "CurveZMQINITIATE"
	nonceReady    = "CurveZMQREADY---"
	nonceClient   = "CurveZMQMESSAGEC" // messages that the client sends
	nonceServer   = "CurveZMQMESSAGES"
)

// nonce joins a beginning and what follows it on the wire.
func nonce(prefix string, rest []byte) *[nonceSize]byte {
	var n [nonceSize]byte
	copy(n[copy(n[:], prefix):], rest)
	return &n
}

// appendCounter appends a short nonce.
func appendCounter(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n) }
