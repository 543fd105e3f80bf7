package relay

import (
	"strings"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/zmq"
)

// side is one socket of a proxy.
type side struct {
	typ      zmq.Type
	endpoint string
	connect  bool
}

// pairs are the proxies that there are: a type, and what it may stand beside.
var pairs = map[string]struct {
	typ    zmq.Type
	beside string
}{
	"xsub":   {zmq.XSub, "xpub"},
	"xpub":   {zmq.XPub, "xsub"},
	"router": {zmq.Router, "dealer"},
	"dealer": {zmq.Dealer, "router"},
	"pull":   {zmq.Pull, "push"},
	"push":   {zmq.Push, "pull"},
}

const sideHint = "TYPE://ENDPOINT binds, TYPE+connect://ENDPOINT connects: zactor proxy xsub://:5561 xpub://:5562"

// parseSides reads the two sides.
func parseSides(front, back string) (sides [2]side, err error) {
	var types [2]string
	for i, text := range []string{front, back} {
		name, rest, ok := strings.Cut(text, "://")
		name, connect := strings.CutSuffix(name, "+connect")
		p, known := pairs[name]
		if !ok || !known || rest == "" {
			return sides, cli.Usage(sideHint, "%q: its type must be xsub, xpub, router, dealer, pull or push", text)
		}
		types[i] = name
		sides[i] = side{p.typ, cli.Endpoint(rest), connect}
	}
	if want := pairs[types[0]].beside; types[1] != want {
		return sides, cli.Usage(sideHint, "%s and %s: beside %s stands %s", front, back, types[0], want)
	}
	return sides, nil
}

// open makes the socket.
func (s side) open(app *cli.App, link *cli.Link) (*zmq.Socket, error) {
	socket, err := zmq.New(link.Context, s.typ)
	if err != nil {
		return nil, err
	}
	if s.connect {
		err = socket.Connect(s.endpoint, link.Connect...)
	} else if s.endpoint, err = socket.Bind(s.endpoint, link.Bind...); err == nil {
		app.Note("%s is bound to %s", s.typ, s.endpoint)
	}
	if err != nil {
		socket.Close()
		return nil, err
	}
	return socket, nil
}
