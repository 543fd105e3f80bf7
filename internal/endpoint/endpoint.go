package endpoint

import (
	"fmt"
	"strings"
)

// The schemes that Parse knows.
const (
	TCP    = "tcp"
	IPC    = "ipc"
	Inproc = "inproc"
	WS     = "ws"
	WSS    = "wss"
	UDP    = "udp"
	PGM    = "pgm"
	EPGM   = "epgm"
)

const (
	// MaxPath is the longest ipc path: a socket address holds 108 bytes, and
	// the last is the terminating zero.
	MaxPath = 107

	// MaxName is the longest inproc name.
	MaxName = 256
)

// Wildcard stands for any host, any free port, or a path of our choice.
const Wildcard = "*"

// Endpoint is one address. It is comparable, and two strings that differ only
// in spelling ("[0:0::1]:05" and "[::1]:5") give equal values.
type Endpoint struct {
	Scheme string

	// Host is a name, an interface, an address without brackets, or Wildcard.
	// For pgm and epgm it may be several groups separated by commas.
	Host string

	// Port is decimal or Wildcard. For binding, "0" and Wildcard are the same.
	Port string

	// Source is the local side that "src[:port];dst:port" names: the address
	// to connect from, or the interface of a multicast group.
	Source Source

	// Path is the ipc path, the inproc name, or what follows the port of a
	// WebSocket endpoint, with its leading slash.
	Path string
}

// Source is a local address; the zero value is none. Port may be empty.
type Source struct {
	Host, Port string
}

// parsers reads what stands after "://", one function for each kind of address.
var parsers = map[string]func(*Endpoint, string) string{
	TCP:    (*Endpoint).parseSocket,
	UDP:    (*Endpoint).parseSocket,
	PGM:    (*Endpoint).parseSocket,
	EPGM:   (*Endpoint).parseSocket,
	WS:     (*Endpoint).parseWeb,
	WSS:    (*Endpoint).parseWeb,
	IPC:    (*Endpoint).parsePath,
	Inproc: (*Endpoint).parseName,
}

// Parse reads an endpoint. Its errors are ErrInvalid or ErrScheme.
func Parse(s string) (Endpoint, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return Endpoint{}, invalid(s, `it has no "://" after a transport`)
	}
	parse, ok := parsers[scheme]
	if !ok {
		return Endpoint{}, fmt.Errorf("%w %q in %q: want tcp, ipc, inproc, ws, wss, udp, epgm or pgm",
			ErrScheme, clip(scheme), clip(s))
	}
	e := Endpoint{Scheme: scheme}
	if rule := parse(&e, rest); rule != "" {
		return Endpoint{}, invalid(s, rule)
	}
	return e, nil
}

// String is the canonical form: Parse gives the same value for it.
func (e Endpoint) String() string {
	switch e.Scheme {
	case IPC, Inproc:
		return e.Scheme + "://" + e.Path
	default:
		return e.Scheme + "://" + e.Source.String() + joinHostPort(e.Host, e.Port) + e.Path
	}
}

// String is the source as it stands in an endpoint, with its semicolon.
func (s Source) String() string {
	switch {
	case s == Source{}:
		return ""
	case s.Port == "":
		return bracket(s.Host) + ";"
	default:
		return joinHostPort(s.Host, s.Port) + ";"
	}
}

// IPv6 reports whether the host is an IPv6 literal.
func (e Endpoint) IPv6() bool { return strings.Contains(e.Host, ":") }

// Web reports whether e is carried by WebSocket, with TLS or without.
func (e Endpoint) Web() bool { return e.Scheme == WS || e.Scheme == WSS }

// Abstract reports whether an ipc path names a socket of Linux's abstract
// namespace, which has no file.
func (e Endpoint) Abstract() bool {
	return e.Scheme == IPC && strings.HasPrefix(e.Path, "@")
}

func (e *Endpoint) parsePath(s string) string {
	switch {
	case s == "":
		return "the path is empty"
	case s == "@":
		return "an abstract name needs at least one byte after @"
	case strings.IndexByte(s, 0) >= 0:
		return "a path cannot hold a zero byte"
	case len(s) > MaxPath:
		return fmt.Sprintf("a path of %d bytes is too long: at most %d fit a socket address", len(s), MaxPath)
	}
	e.Path = s
	return ""
}

func (e *Endpoint) parseName(s string) string {
	switch {
	case s == "":
		return "the name is empty"
	case len(s) > MaxName:
		return fmt.Sprintf("a name of %d bytes is too long: at most %d", len(s), MaxName)
	}
	e.Path = s
	return ""
}
