package demo

import (
	"fmt"
	"path/filepath"
)

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
