package zmq

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/security"
	"github.com/go-zactor/zactor/internal/wire"
)

// Each of the first four options chooses mechanism and role, and replaces what an
// earlier one chose. They hold for tcp and ipc; inproc stays within the process
// and knows no mechanism.

// WithPlainServer makes the socket a PLAIN server: it asks the authenticator of its
// Context about the user name and the password of each peer. PLAIN sends them in
// the clear, and protects nothing else. (ZMQ_PLAIN_SERVER, RFC 24)
func WithPlainServer() Option {
	return choose("PLAIN_SERVER", func() (mechanism, error) {
		return mechanism{name: "PLAIN", server: true, make: func() (wire.Mechanism, error) {
			return security.NewPlainServer(), nil
		}}, nil
	})
}

// WithPlainClient makes the socket a PLAIN client with a user name and a password
// of at most 255 bytes each; an empty name is sent as RFC 24 has it, and the server's
// authenticator decides. (ZMQ_PLAIN_USERNAME, ZMQ_PLAIN_PASSWORD)
func WithPlainClient(user, pass string) Option {
	return choose("PLAIN_USERNAME", func() (mechanism, error) {
		if _, err := security.NewPlainClient(user, pass); err != nil {
			return mechanism{}, err
		}
		return mechanism{name: "PLAIN", user: user, make: func() (wire.Mechanism, error) {
			return security.NewPlainClient(user, pass)
		}}, nil
	})
}

// WithCurveServer makes the socket a CURVE server: its peers know its public key,
// and it asks the authenticator of its Context about theirs. Everything is
// encrypted. own must have its secret key. (ZMQ_CURVE_SERVER, RFC 26)
func WithCurveServer(own *cert.Cert) Option {
	return choose("CURVE_SERVER", func() (mechanism, error) {
		pair, err := keyPair(own)
		if err != nil {
			return mechanism{}, err
		}
		return mechanism{name: "CURVE", server: true, seals: true, publicKey: own.Public(), make: func() (wire.Mechanism, error) {
			return security.NewCurveServer(pair, rand.Reader), nil
		}}, nil
	})
}

// WithCurveClient makes the socket a CURVE client: own says who it is, and
// serverPublic, 40 characters of Z85, whom it talks to; nobody else can take that
// server's place. own must have its secret key. (ZMQ_CURVE_PUBLICKEY,
// ZMQ_CURVE_SERVERKEY)
func WithCurveClient(own *cert.Cert, serverPublic string) Option {
	return choose("CURVE_SERVERKEY", func() (mechanism, error) {
		pair, err := keyPair(own)
		if err != nil {
			return mechanism{}, err
		}
		server, err := cert.FromPublic(serverPublic)
		if err != nil {
			return mechanism{}, fmt.Errorf("the server's key: %w", err)
		}
		key := server.PublicKey()
		return mechanism{name: "CURVE", seals: true, publicKey: own.Public(), serverKey: serverPublic, make: func() (wire.Mechanism, error) {
			return security.NewCurveClient(pair, &key, rand.Reader)
		}}, nil
	})
}

// choose makes an option that replaces the mechanism.
func choose(name string, make func() (mechanism, error)) Option {
	return newOption(name, func(o *options) error {
		m, err := make()
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrInvalidOption, name, err)
		}
		o.sec.mechanism = m
		return nil
	})
}

var errNoCert = errors.New("must be a certificate, is nil")

// keyPair is the certificate's key pair in the form that handshakes use. Making it
// costs as much as a key agreement, so it is made once.
func keyPair(c *cert.Cert) (*security.KeyPair, error) {
	if c == nil {
		return nil, errNoCert
	}
	if err := c.Verify(); err != nil {
		return nil, err
	}
	public, secret := c.PublicKey(), c.SecretKey().Expose()
	defer clear(secret[:])
	return security.NewKeyPair(&public, &secret)
}
