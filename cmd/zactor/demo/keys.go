package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

const (
	// domain is what the authenticator knows the demo's sockets by.
	domain = "demo"
	// curve is the mechanism that every link is to have.
	curve = "CURVE"
)

// The names in the certificates of those who are no nodes.
const (
	bossName     = "boss"
	strangerName = "stranger"
	pythonName   = "python"
)

// A keyring holds the keys of one run, and decides who is trusted. All of them are
// fresh. What is trusted lies in a directory, one certificate a file; what is on
// disk at all is for the user alone, and gone when the run is over, unless that is
// killed. The only secret key on disk is the one that is lent to another program.
type keyring struct {
	dir   string
	certs map[string]*cert.Cert // by name, with their secret keys
	store *cert.DirStore
	auth  *auth.Auth
}

// newKeyring makes certificates that are trusted from the start, and the
// authenticator of ctx's zmq.Context, which trusts them.
func newKeyring(ctx context.Context, names ...string) (_ *keyring, err error) {
	k := &keyring{certs: map[string]*cert.Cert{}}
	defer func() {
		if err != nil {
			k.close()
		}
	}()
	if k.dir, err = os.MkdirTemp("", "zactor-demo-"); err != nil { // with mode 0700
		return nil, fmt.Errorf("keys: %w", err)
	}
	if err := os.Mkdir(k.path("trusted"), 0o700); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	for _, name := range names {
		if err := errors.Join(k.make(name), k.trust(name)); err != nil {
			return nil, err
		}
	}
	if k.store, err = cert.NewDirStore(ctx, k.path("trusted")); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	if k.auth, err = auth.New(ctx); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	k.auth.Curve(domain, k.store)
	return k, nil
}

// make makes a key pair that nobody trusts yet.
func (k *keyring) make(name string) error {
	c, err := cert.New()
	if err == nil {
		err = c.SetMeta("name", name)
	}
	if err != nil {
		return fmt.Errorf("keys: %s: %w", name, err)
	}
	k.certs[name] = c
	return nil
}

// trust drops a public certificate into the store's directory. That is all it
// takes: the store watches it.
func (k *keyring) trust(name string) error {
	if err := k.certs[name].SavePublic(k.trusted(name)); err != nil {
		return fmt.Errorf("keys: %s: %w", name, err)
	}
	return nil
}

// lend makes and trusts a key pair for another program, which finds it in the file
// that is returned. It is trusted by then, without waiting for the store to notice.
func (k *keyring) lend(name string) (secretFile string, err error) {
	if err := errors.Join(k.make(name), k.trust(name)); err != nil {
		return "", err
	}
	k.store.Reload()
	path := k.path(name + ".txt")
	if err := k.certs[name].Save(path); err != nil {
		return "", fmt.Errorf("keys: %s: %w", name, err)
	}
	return path + "_secret", nil
}

// trusted is the file of a public certificate in the store.
func (k *keyring) trusted(name string) string { return k.path("trusted", name+".txt") }

func (k *keyring) path(elem ...string) string {
	return filepath.Join(append([]string{k.dir}, elem...)...)
}

// nameOf is whom a public key belongs to; "" if it is not trusted.
func (k *keyring) nameOf(public string) string {
	for name, c := range k.certs {
		if c.Public() == public {
			return name
		}
	}
	return ""
}

// identity is what one of them needs of the keys.
func (k *keyring) identity(name string) identity { return identity{k.certs[name], k.store} }

func (k *keyring) close() {
	if k.auth != nil {
		k.auth.Close()
	}
	if k.store != nil {
		k.store.Close()
	}
	if k.dir != "" {
		os.RemoveAll(k.dir)
	}
}

// An identity is a user's own certificate, and those that the user trusts.
type identity struct {
	own     *cert.Cert
	trusted cert.Store
}

// server are the options of sockets that bind.
func (i identity) server() []zmq.Option {
	return []zmq.Option{zmq.WithCurveServer(i.own), zmq.WithZAPDomain(domain)}
}

// client is the option of connections to whoever has that public key.
func (i identity) client(server string) zmq.Option { return zmq.WithCurveClient(i.own, server) }

// nameOf is whom a public key belongs to, says a certificate that is trusted.
func (i identity) nameOf(public string) (string, bool) {
	c, ok := i.trusted.Lookup(public)
	if !ok {
		return "", false
	}
	return c.Meta("name")
}
