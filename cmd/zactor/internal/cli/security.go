package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// Security is who we are and whom we trust.
type Security struct {
	CurveServer  string
	Cert         string
	Trust        string
	Plain        string
	PasswordFile string
	Socks        string
}

func (s *Security) flags(flags *pflag.FlagSet) {
	flags.StringVar(&s.CurveServer, "curve-server", "", "be a CURVE client of the server with this public `KEY`: 40 characters, or a certificate's file")
	flags.StringVar(&s.Cert, "cert", "", "our certificate `FILE`; without --curve-server we are the CURVE server")
	flags.StringVar(&s.Trust, "trust", "", "let in only the certificates in this `DIR`")
	flags.StringVar(&s.Plain, "plain", "", "PLAIN with this `USER`: who binds checks it, who connects shows it; the password is in ZACTOR_PASSWORD")
	flags.StringVar(&s.PasswordFile, "password-file", "", "the password of --plain is in this `FILE`")
	flags.StringVar(&s.Socks, "socks", "", "connect over tcp through the SOCKS5 proxy at `HOST:PORT`")
}

// check refuses what can't be meant.
func (s *Security) check() error {
	switch {
	case s.Trust != "" && s.Cert == "":
		return Usage("--cert FILE is the certificate that those peers will know", "--trust %s: there is no --cert", s.Trust)
	case s.Trust != "" && s.CurveServer != "":
		return Usage("a client trusts the one key that it names", "--trust and --curve-server: a server has the one, a client the other")
	case s.Plain != "" && (s.CurveServer != "" || s.Cert != ""):
		return Usage("", "--plain %s: a link has either PLAIN or CURVE", s.Plain)
	case s.PasswordFile != "" && s.Plain == "":
		return Usage("", "--password-file %s: there is no --plain USER", s.PasswordFile)
	}
	return nil
}

// Link is what a socket gets to be as secure as the flags say.
type Link struct {
	Context *zmq.Context // its sockets ask the authenticator here
	Bind    []zmq.Option // for each bound endpoint
	Connect []zmq.Option // for each connected one
	Open    bool         // whoever has a key is let in

	held []io.Closer
}

// Close gives up what the link holds. Its sockets must have been closed.
func (l *Link) Close() {
	for i := len(l.held) - 1; i >= 0; i-- {
		l.held[i].Close()
	}
}

// Link reads the keys and passwords, and starts the authenticator where there is one to
// be. The link outlives ctx.
func (s *Security) Link(ctx context.Context) (*Link, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	zctx := zmq.NewContext(context.WithoutCancel(ctx))
	l := &Link{Context: zctx, held: []io.Closer{zctx}}
	if s.Socks != "" {
		l.Connect = append(l.Connect, zmq.WithSocksProxy(s.Socks))
	}
	if err := s.secure(l); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func (s *Security) secure(l *Link) error {
	switch {
	case s.CurveServer != "":
		return s.curveClient(l)
	case s.Cert != "":
		return s.curveServer(l)
	case s.Plain != "":
		return s.plain(l)
	}
	return nil
}

func (s *Security) curveClient(l *Link) error {
	own, key, err := s.ClientKeys()
	if err != nil {
		return err
	}
	both := zmq.WithCurveClient(own, key)
	l.Bind, l.Connect = append(l.Bind, both), append(l.Connect, both)
	return nil
}

// ClientKeys are the certificate of a CURVE client, a fresh one where none is named, and
// the public key of the server in Z85.
func (s *Security) ClientKeys() (own *cert.Cert, server string, err error) {
	if server, err = PublicKey(s.CurveServer); err != nil {
		return nil, "", err
	}
	if s.Cert == "" {
		own, err = cert.New()
		return own, server, err
	}
	own, err = s.Own()
	return own, server, err
}

// Own is our certificate, with its secret key.
func (s *Security) Own() (*cert.Cert, error) {
	own, err := cert.Load(s.Cert)
	if err != nil {
		return nil, fmt.Errorf("--cert: %w", err)
	}
	if !own.HasSecret() {
		return nil, Failed("the secret key is in "+s.Cert+"_secret, where zactor cert new was run", "--cert %s: it has no secret key", s.Cert)
	}
	return own, nil
}

// PublicKey is the key that a text is, or that the certificate in a file of that name
// has.
func PublicKey(text string) (string, error) {
	if _, err := cert.FromPublic(text); err == nil {
		return text, nil
	}
	c, err := cert.LoadPublic(text)
	if errors.Is(err, os.ErrNotExist) {
		return "", Usage("zactor cert show FILE prints the key of a certificate",
			"--curve-server %q: neither a public key of 40 characters nor a file", text)
	}
	if err != nil {
		return "", fmt.Errorf("--curve-server: %w", err)
	}
	return c.Public(), nil
}

func (s *Security) curveServer(l *Link) error {
	own, err := s.Own()
	if err != nil {
		return err
	}
	a, err := auth.New(l.Context)
	if err != nil {
		return err
	}
	l.held = append(l.held, a)
	if s.Trust == "" {
		a.CurveAny(auth.AnyDomain)
		l.Open = true
	} else if err := l.trust(a, s.Trust); err != nil {
		return err
	}
	both := zmq.WithCurveServer(own)
	l.Bind, l.Connect = append(l.Bind, both), append(l.Connect, both)
	return nil
}

// TrustFolder is the error of a folder of certificates, by the name under which it was given,
// that is not there: the command line was understood, and nobody would be let in.
func TrustFolder(name, folder string) error {
	if info, err := os.Stat(folder); err == nil && info.IsDir() {
		return nil
	}
	return Failed(fmt.Sprintf("mkdir %[1]s, and zactor cert public FILE -o %[1]s/NAME for each peer that may come", folder),
		"%s: there is no such folder", name)
}

func (l *Link) trust(a *auth.Auth, folder string) error {
	if err := TrustFolder("--trust "+folder, folder); err != nil {
		return err
	}
	store, err := cert.NewDirStore(l.Context, folder)
	if err != nil {
		return fmt.Errorf("--trust: %w", err)
	}
	l.held = append(l.held, store)
	a.Curve(auth.AnyDomain, store)
	return nil
}

func (s *Security) plain(l *Link) error {
	password, err := s.Password()
	if err != nil {
		return err
	}
	var store auth.Passwords
	if err := store.Set(s.Plain, password); err != nil {
		return Usage("", "--plain %s: %w", s.Plain, err)
	}
	a, err := auth.New(l.Context)
	if err != nil {
		return err
	}
	l.held = append(l.held, a)
	a.Plain(auth.AnyDomain, &store)
	l.Bind = append(l.Bind, zmq.WithPlainServer())
	l.Connect = append(l.Connect, zmq.WithPlainClient(s.Plain, password))
	return nil
}

// maxPassword is the longest that PLAIN can send.
const maxPassword = 255

// Password is that of --plain.
func (s *Security) Password() (string, error) {
	if s.PasswordFile == "" {
		if password, ok := os.LookupEnv("ZACTOR_PASSWORD"); ok {
			return password, nil
		}
		return "", Usage("set ZACTOR_PASSWORD, or name a file with --password-file", "--plain %s: there is no password", s.Plain)
	}
	f, err := os.Open(s.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("--password-file: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxPassword+3))
	if err != nil {
		return "", fmt.Errorf("--password-file: %w", err)
	}
	password := strings.TrimRight(string(text), "\r\n")
	if len(password) > maxPassword {
		return "", Usage("", "--password-file %s: a password has %d bytes at most", s.PasswordFile, maxPassword)
	}
	return password, nil
}
