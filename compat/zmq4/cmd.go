package zmq4

import "errors"

// The names of ZMTP's commands.
const (
	CmdCancel      = "CANCEL"
	CmdError       = "ERROR"
	CmdHello       = "HELLO"
	CmdInitiate    = "INITIATE"
	CmdPing        = "PING"
	CmdPong        = "PONG"
	CmdReady       = "READY"
	CmdSubscribe   = "SUBSCRIBE"
	CmdUnsubscribe = "UNSUBSCRIBE"
	CmdWelcome     = "WELCOME"
)

// Errors of a Conn.
var (
	// ErrBadCmd is returned for a command that is not as ZMTP has it, or not the one
	// that a handshake wants.
	ErrBadCmd = errors.New("zmq4: invalid command name")

	// ErrBadFrame is returned for a message where a command should be.
	ErrBadFrame = errors.New("zmq4: invalid frame")
)

// Cmd is a command of ZMTP.
type Cmd struct {
	Name string
	Body []byte
}

// encode is the body of a command frame.
func (c Cmd) encode() ([]byte, error) {
	if len(c.Name) == 0 || len(c.Name) > 255 {
		return nil, ErrBadCmd
	}
	b := append([]byte{byte(len(c.Name))}, c.Name...)
	return append(b, c.Body...), nil
}

// decodeCmd reads the body of a command frame.
func decodeCmd(b []byte) (Cmd, error) {
	if len(b) == 0 || b[0] == 0 || len(b) <= int(b[0]) {
		return Cmd{}, ErrBadCmd
	}
	n := 1 + int(b[0])
	return Cmd{Name: string(b[1:n]), Body: b[n:]}, nil
}
