package security

import "github.com/go-zactor/zactor/internal/wire"

// Null is the mechanism NULL: both sides send READY, and that is all.
type Null struct {
	askDecision bool
	metadata    []byte
}

// NewNull returns the mechanism NULL. With askDecision the authenticator speaks
// first, about the address of the peer, and our READY waits for it.
func NewNull(askDecision bool) *Null { return &Null{askDecision: askDecision} }

// Name returns "NULL".
func (n *Null) Name() string { return "NULL" }

// AsServer returns false: NULL has no roles.
func (n *Null) AsServer() bool { return false }

// Start sends READY or asks for the decision.
func (n *Null) Start(metadata []byte) (wire.Step, error) {
	n.metadata = metadata
	if n.askDecision {
		return wire.Step{Await: wire.AwaitDecision, Credentials: wire.Credentials{Mechanism: "NULL"}}, nil
	}
	return n.ready(), nil
}

// Allow sends READY.
func (n *Null) Allow() (wire.Step, error) { return n.ready(), nil }

func (n *Null) ready() wire.Step {
	return wire.Step{Send: withMetadata(wire.NameReady, n.metadata), Await: wire.AwaitReady}
}

// Command takes READY.
func (n *Null) Command(name string, body []byte) (wire.Step, error) {
	return wire.Step{Await: wire.Done, Metadata: body[len(name):]}, nil
}

// Sealer returns nil: NULL protects nothing.
func (n *Null) Sealer() wire.Sealer { return nil }

// Close does nothing: NULL has no secrets.
func (n *Null) Close() {}

// withMetadata builds a command that consists of its name and metadata.
func withMetadata(name string, metadata []byte) []byte {
	return append([]byte(name), metadata...)
}
