package security

import "github.com/go-zactor/zactor/internal/wire"

// plain is what both sides of the mechanism PLAIN have in common.
type plain struct {
	opaque
	metadata []byte
}

// Name returns "PLAIN".
func (p *plain) Name() string { return "PLAIN" }

// Sealer returns nil: PLAIN authenticates the client and protects nothing.
func (p *plain) Sealer() wire.Sealer { return nil }

// PlainServer is the side of PLAIN that checks a user name and a password.
type PlainServer struct{ plain }

// NewPlainServer returns the server's side, for one connection.
func NewPlainServer() *PlainServer { return &PlainServer{} }

// AsServer returns true.
func (s *PlainServer) AsServer() bool { return true }

// Start waits for the client's HELLO.
func (s *PlainServer) Start(metadata []byte) (wire.Step, error) {
	s.metadata = metadata
	return wire.Step{Await: wire.AwaitHello}, nil
}

// Command takes HELLO, then INITIATE.
func (s *PlainServer) Command(name string, body []byte) (wire.Step, error) {
	data := body[len(name):]
	if name == wire.NameHello {
		return s.hello(data)
	}
	return wire.Step{
		Send:     withMetadata(wire.NameReady, s.metadata),
		Await:    wire.Done,
		Metadata: data,
	}, nil
}

// hello leaves all credentials of the right shape to the authenticator, empty
// ones included.
func (s *PlainServer) hello(data []byte) (wire.Step, error) {
	user, rest, ok := cutShort(data)
	pass, rest, ok2 := cutShort(rest)
	if !ok || !ok2 || len(rest) != 0 {
		return wire.Step{}, wire.Malformed(wire.CodeMalformedHello, "HELLO of %d bytes is not a user name and a password", len(data))
	}
	return wire.Step{
		Await:       wire.AwaitDecision,
		Credentials: wire.Credentials{Mechanism: "PLAIN", Username: user, Password: pass},
	}, nil
}

// cutShort cuts a string with a length byte off the front of b.
func cutShort(b []byte) (s, rest []byte, ok bool) {
	if len(b) == 0 || len(b) < 1+int(b[0]) {
		return nil, nil, false
	}
	end := 1 + int(b[0])
	return b[1:end], b[end:], true
}

// Allow sends WELCOME.
func (s *PlainServer) Allow() (wire.Step, error) {
	return wire.Step{Send: []byte(wire.NameWelcome), Await: wire.AwaitInitiate}, nil
}

// Close does nothing: the credentials went to the authenticator.
func (s *PlainServer) Close() {}

// PlainClient is the side of PLAIN that has a user name and a password.
type PlainClient struct {
	plain
	hello []byte
}

// NewPlainClient returns the client's side, for one connection.
func NewPlainClient(user, pass string) (*PlainClient, error) {
	if len(user) > 255 || len(pass) > 255 {
		return nil, ErrCredentials
	}
	hello := append([]byte(wire.NameHello), byte(len(user)))
	hello = append(append(hello, user...), byte(len(pass)))
	return &PlainClient{hello: append(hello, pass...)}, nil
}

// AsServer returns false.
func (c *PlainClient) AsServer() bool { return false }

// Start sends HELLO.
func (c *PlainClient) Start(metadata []byte) (wire.Step, error) {
	c.metadata = metadata
	return wire.Step{Send: c.hello, Await: wire.AwaitWelcome}, nil
}

// Command takes WELCOME, then READY.
func (c *PlainClient) Command(name string, body []byte) (wire.Step, error) {
	data := body[len(name):]
	if name == wire.NameReady {
		return wire.Step{Await: wire.Done, Metadata: data}, nil
	}
	if len(data) != 0 {
		return wire.Step{}, wire.Malformed(wire.CodeMalformedWelcome, "WELCOME with %d bytes of data", len(data))
	}
	return wire.Step{Send: withMetadata(wire.NameInitiate, c.metadata), Await: wire.AwaitReady}, nil
}

// Allow fails: a client decides nothing.
func (c *PlainClient) Allow() (wire.Step, error) { return wire.Step{}, errNoDecision }

// Close forgets the password.
func (c *PlainClient) Close() { clear(c.hello) }
