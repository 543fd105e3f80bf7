package probe

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/internal/security"
	"github.com/go-zactor/zactor/internal/wire"
)

// guests says as what we come to a socket of each type: one to which it sends nothing by
// itself, and that takes nobody's place. To the types that are not here there is none: a
// PUSH or a DEALER would give us a part of its messages, a PAIR would have no other peer.
var guests = map[string]string{
	"PUB": "SUB", "XPUB": "SUB", "SUB": "PUB", "XSUB": "PUB", "PULL": "PUSH", "REP": "REQ", "ROUTER": "REQ",
	"SERVER": "CLIENT", "GATHER": "SCATTER", "RADIO": "DISH", "DISH": "RADIO", "PEER": "PEER",
}

// blind is the order in which types are tried with a peer that does not say its own first.
var blind = []string{"REQ", "SUB", "PUSH", "PUB", "CLIENT", "SCATTER", "DISH", "RADIO", "PEER"}

// keys make a mechanism.
type keys struct {
	mechanism string
	make      func() (wire.Mechanism, error)
}

// credentials are what the flags say.
func credentials(s *cli.Security) (keys, error) {
	switch {
	case s.CurveServer != "":
		return curve(s)
	case s.Cert != "":
		return keys{}, cli.Usage("--curve-server KEY names the key that the server must have", "--cert %s: a ping is a client", s.Cert)
	case s.Plain != "":
		password, err := s.Password()
		return keys{"PLAIN", func() (wire.Mechanism, error) { return security.NewPlainClient(s.Plain, password) }}, err
	}
	return keys{"NULL", func() (wire.Mechanism, error) { return security.NewNull(false), nil }}, nil
}

func curve(s *cli.Security) (keys, error) {
	own, text, err := s.ClientKeys()
	if err != nil {
		return keys{}, err
	}
	theirs, err := cert.FromPublic(text)
	if err != nil {
		return keys{}, err
	}
	public, server := own.PublicKey(), theirs.PublicKey()
	secret := own.SecretKey().Expose()
	defer clear(secret[:])
	pair, err := security.NewKeyPair(&public, &secret)
	return keys{"CURVE", func() (wire.Mechanism, error) { return security.NewCurveClient(pair, &server, rand.Reader) }}, err
}

// entry is what came of a handshake.
type entry struct {
	peer   string // its type; "" where it is not known
	as     string // what we were; "" where we did not go in
	result wire.Result
	rest   []byte // what came after the handshake
}

var (
	// errUntold: the mechanism hides the type, and nothing that we can be goes with it.
	errUntold  = errors.New("it talks to none of the types that take nothing from others: it is a PUSH, DEALER, PAIR, SCATTER or CHANNEL, or has hung up for another reason")
	errRefused = errors.New("it turns us away")
	errKey     = errors.New("it does not have the key that --curve-server names")
)

// enter completes the handshake of a line that has seen the greeting, of a peer that says
// its type first.
func (l *line) enter(k keys, patience time.Duration) (e entry, err error) {
	// Our READY waits for the peer's. One that waits for ours lets its own go first after
	// a while: a quarter of a second when it is one of ours, three seconds when it is one that
	// may turn us away.
	h, err := l.replay(k, "DEALER")
	if err != nil {
		return e, err
	}
	defer h.Close()
	if err := l.say(h.Output()[l.sent:greetingEnd]); err != nil {
		return e, err
	}
	if err := l.nc.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return e, err
	}
	e.peer, err = l.theirType()
	if err != nil {
		return e, err
	}
	if e.as = guests[e.peer]; e.as == "" {
		return e, nil
	}
	h, err = l.replay(k, e.as)
	if err != nil {
		return e, err
	}
	defer h.Close()
	if err := l.say(h.Output()[greetingEnd:]); err != nil {
		return e, err
	}
	err = l.finish(h, &e)
	return e, err
}

// replay is a handshake that has heard the peer's greeting. Its output begins with our own.
func (l *line) replay(k keys, as string) (*wire.Handshake, error) {
	m, err := k.make()
	if err != nil {
		return nil, err
	}
	h := wire.NewHandshake(wire.Config{SocketType: as, Mechanism: m})
	if _, err := h.Feed(l.seen[:greetingEnd]); err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

// theirType reads the peer's READY, which is left to be read again.
func (l *line) theirType() (string, error) {
	for {
		frame := l.seen[greetingEnd:]
		flags, head, size, err := wire.ParseHeader(frame)
		switch {
		case err != nil:
			return "", err
		case size > wire.MaxHandshakeCommand:
			return "", fmt.Errorf("a command of %d bytes in the handshake", size)
		case head > 0 && len(frame) >= head+int(size):
			if flags&wire.FlagCommand == 0 {
				return "", errors.New("a message came before the handshake was over")
			}
			return readyType(frame[head : head+int(size)])
		}
		if err := l.more(); err != nil {
			return "", err
		}
	}
}

func readyType(body []byte) (string, error) {
	if len(body) >= len(wire.NameReady) && string(body[:len(wire.NameReady)]) == wire.NameReady {
		properties, err := wire.ParseMetadata(body[len(wire.NameReady):])
		name, _ := wire.Lookup(properties, "Socket-Type")
		return string(name), err
	}
	if reason, ok := errorReason(body); ok {
		return "", fmt.Errorf("%w: it says ERROR %s", errRefused, wire.Quote(reason))
	}
	return "", errors.New("its handshake does not begin with READY")
}

// errorReason is the reason in an ERROR command.
func errorReason(body []byte) ([]byte, bool) {
	c, err := wire.ParseCommand(body)
	return c.Data, err == nil && c.Kind == wire.Error
}

// finish moves bytes until the handshake is over.
func (l *line) finish(h *wire.Handshake, e *entry) error {
	fed := greetingEnd
	for {
		n, err := h.Feed(l.seen[fed:])
		fed += n
		if out := h.Output(); len(out) > 0 {
			if werr := l.say(out); err == nil {
				err = werr
			}
		}
		if err != nil {
			return err
		}
		if h.Phase() == wire.Ready {
			e.result, e.rest = h.Result(), l.seen[fed:]
			e.peer = e.result.PeerType
			return nil
		}
		if err := l.more(); err != nil {
			if errors.Is(err, io.EOF) && h.AwaitsCurveWelcome() {
				return errKey
			}
			return err
		}
	}
}

// enterAs completes the handshake with a peer that wants to know first who we are.
func (l *line) enterAs(k keys, as string) (e entry, err error) {
	h, err := l.replay(k, as)
	if err != nil {
		return e, err
	}
	defer h.Close()
	if err := l.say(h.Output()[l.sent:]); err != nil {
		return e, err
	}
	e.as = as
	err = l.finish(h, &e)
	return e, err
}
