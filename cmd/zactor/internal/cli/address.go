package cli

import "strings"

// EndpointHint says how endpoints are written.
const EndpointHint = "an endpoint is :PORT (this machine), HOST:PORT, *:PORT (every interface, to bind), @NAME (abstract ipc), a path, or as in tcp://HOST:PORT"

// Endpoint writes a short form out:
//
//	:5555        tcp://127.0.0.1:5555
//	*:5555       tcp://*:5555
//	host:5555    tcp://host:5555
//	@name        ipc://@name
//	/run/x.sock  ipc:///run/x.sock
//	./x.sock     ipc://./x.sock
//
// The forms with a port may follow a scheme, as in "ws://:80". Whatever has a scheme, or
// has no short form, is returned as it is.
func Endpoint(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	switch {
	case ok && scheme != "inproc" && scheme != "ipc" && strings.HasPrefix(rest, ":"):
		return scheme + "://127.0.0.1" + rest
	case ok:
		return text
	case strings.HasPrefix(text, ":"):
		return "tcp://127.0.0.1" + text
	case strings.HasPrefix(text, "@"), strings.HasPrefix(text, "/"), strings.HasPrefix(text, "./"):
		return "ipc://" + text
	case strings.Contains(text, ":"):
		return "tcp://" + text
	}
	return text
}
