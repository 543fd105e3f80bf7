package demo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/zmq"
)

// A stranger wants to join a node, with a key that nobody knows. Its run method is
// an actor.Func. It does one thing after the other, so it needs no loop.
type stranger struct {
	keys    identity
	inboxAt string // of the node
	nodeKey string
	reports string // endpoint of the boss
}

// run tries again whenever it is told to. All that takes is another Connect: the
// socket stays as it is.
func (s stranger) run(ctx context.Context, p *actor.Pipe) error {
	sock := sockets{ctx: ctx, owner: "stranger"}
	defer sock.close()
	dealer, reports := sock.open("dealer", zmq.NewDealer, s.keys.client(s.nodeKey)), sock.open("reports", zmq.NewPush)
	sock.connect(reports, s.reports)
	if sock.err != nil {
		return sock.err
	}
	p.Ready()
	for {
		err := s.visit(ctx, dealer)
		if !errors.Is(err, zmq.ErrAuth) {
			return err
		}
		if err := s.complain(ctx, reports, err); err != nil {
			return err
		}
		if _, err := p.Recv(ctx); err != nil {
			return err
		}
	}
}

// visit says HELLO and then answers whispers, for as long as it is let.
func (s stranger) visit(ctx context.Context, dealer *zmq.Socket) error {
	if err := dealer.Connect(s.inboxAt); err != nil {
		return err
	}
	if err := dealer.SendString(ctx, msgHello, strangerName); err != nil {
		return err
	}
	for m, err := range dealer.Messages(ctx) {
		if err != nil {
			return err
		}
		if m.PopString() != msgWhisper {
			continue
		}
		m.PushString(msgEcho)
		if err := dealer.Send(ctx, m); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// complain tells the boss that it was refused, in the words of its own socket.
func (s stranger) complain(ctx context.Context, reports *zmq.Socket, why error) error {
	m, err := report(msgEvent, event{Kind: eventRefused, Node: strangerName, Detail: why.Error()})
	if err != nil {
		return err
	}
	return reports.Send(ctx, m)
}

// pythonGuest is a command that joins a node's inbox with nothing but pyzmq: it
// says HELLO, and turns every WHISPER into an ECHO. The node sends to it by the
// routing id that its ROUTER gives to the link. The keys are those in two czmq
// certificate files, and none is in the command: a secret is not to be shown, and
// in Z85 even a public key may have characters that a shell understands.
func pythonGuest(endpoint, secretFile, serverFile string) string {
	return fmt.Sprintf(`python3 -c "import zmq, zmq.auth; load=zmq.auth.load_certificate; s=zmq.Context().socket(zmq.DEALER); `+
		`s.curve_publickey, s.curve_secretkey = load('%s'); s.curve_serverkey = load('%s')[0]; `+
		`s.connect('%s'); s.send_multipart([b'%s', b'%s']); `+
		`any(s.send_multipart([b'%s', m[1]]) for m in iter(s.recv_multipart, 0) if m[0] == b'%s')"`,
		filepath.ToSlash(secretFile), filepath.ToSlash(serverFile), endpoint, msgHello, pythonName, msgEcho, msgWhisper)
}
