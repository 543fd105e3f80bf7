package demo

import "fmt"

// pythonGuest is a command that joins a node's inbox with nothing but pyzmq: it
// says HELLO, and turns every WHISPER into an ECHO. The node sends to it by the
// routing id that its ROUTER gives to the link.
func pythonGuest(endpoint string) string {
	return fmt.Sprintf(`python3 -c "import zmq; s=zmq.Context().socket(zmq.DEALER); s.connect('%s'); `+
		`s.send_multipart([b'%s', b'python']); `+
		`any(s.send_multipart([b'%s', m[1]]) for m in iter(s.recv_multipart, 0) if m[0] == b'%s')"`,
		endpoint, msgHello, msgEcho, msgWhisper)
}
