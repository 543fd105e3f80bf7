package zmq4

import (
	"syscall"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// keys are what the security options have said, until an endpoint is bound or connected.
// The option set last says which mechanism it is.
type keys struct {
	mechanism      Mechanism
	server         bool
	user, password string
	public, secret string // in Z85
	serverKey      string // in Z85
}

// ServerAuthNull makes a server without a mechanism one that asks the authenticator for
// its peers' addresses, by a domain.
func (soc *Socket) ServerAuthNull(domain string) error { return soc.SetZapDomain(domain) }

// ServerAuthPlain makes the socket a PLAIN server. Call AuthStart first.
func (soc *Socket) ServerAuthPlain(domain string) error {
	if err := soc.SetZapDomain(domain); err != nil {
		return err
	}
	return soc.SetPlainServer(1)
}

// ServerAuthCurve makes the socket a CURVE server with a secret key. Call AuthStart
// first: without it every key gets in.
func (soc *Socket) ServerAuthCurve(domain, secret_key string) error {
	if err := soc.SetZapDomain(domain); err != nil {
		return err
	}
	if err := soc.SetCurveServer(1); err != nil {
		return err
	}
	return soc.SetCurveSecretkey(secret_key)
}

// ClientAuthPlain makes the socket a PLAIN client.
func (soc *Socket) ClientAuthPlain(username, password string) error {
	if err := soc.SetPlainUsername(username); err != nil {
		return err
	}
	return soc.SetPlainPassword(password)
}

// ClientAuthCurve makes the socket a CURVE client.
func (soc *Socket) ClientAuthCurve(server_public_key, client_public_key, client_secret_key string) error {
	if err := soc.SetCurveServerkey(server_public_key); err != nil {
		return err
	}
	if err := soc.SetCurvePublickey(client_public_key); err != nil {
		return err
	}
	return soc.SetCurveSecretkey(client_secret_key)
}

// secured are the options of an endpoint that is bound or connected now.
func (soc *Socket) secured() ([]zmq.Option, error) {
	soc.mu.Lock()
	k := soc.keys
	soc.mu.Unlock()
	switch {
	case k.mechanism == PLAIN && k.server:
		return []zmq.Option{zmq.WithPlainServer()}, nil
	case k.mechanism == PLAIN:
		return []zmq.Option{zmq.WithPlainClient(k.user, k.password)}, nil
	case k.mechanism == NULL:
		return nil, nil
	}
	own, err := k.own()
	switch {
	case err != nil:
		return nil, Errno(syscall.EINVAL)
	case k.server: // without an authenticator libzmq asks nobody
		return []zmq.Option{zmq.WithCurveServer(own), zmq.WithAllowAnyKey(true)}, nil
	}
	return []zmq.Option{zmq.WithCurveClient(own, k.serverKey)}, nil
}

// own is the key pair. The public key follows from the secret one.
func (k keys) own() (*cert.Cert, error) {
	if k.public != "" {
		return cert.FromKeys(k.public, k.secret)
	}
	raw, err := cert.DecodeZ85(k.secret)
	if err != nil || len(raw) != 32 {
		return nil, Errno(syscall.EINVAL)
	}
	return cert.FromSecret([32]byte(raw))
}

// setKeys changes the security options.
func (soc *Socket) setKeys(change func(*keys)) error {
	if _, err := soc.use(); err != nil {
		return err
	}
	soc.mu.Lock()
	defer soc.mu.Unlock()
	change(&soc.keys)
	return nil
}

func (soc *Socket) getKeys() (keys, error) {
	_, err := soc.use()
	soc.mu.Lock()
	defer soc.mu.Unlock()
	return soc.keys, err
}

// setKey sets a key of 32 bytes, or 40 characters of Z85.
func (soc *Socket) setKey(key string, field func(*keys) *string) error {
	z85 := key
	if len(key) == 32 {
		z85 = Z85encode(key)
	}
	if raw, err := cert.DecodeZ85(z85); err != nil || len(raw) != 32 {
		return Errno(syscall.EINVAL)
	}
	return soc.setKeys(func(k *keys) {
		k.mechanism = CURVE
		*field(k) = z85
	})
}
