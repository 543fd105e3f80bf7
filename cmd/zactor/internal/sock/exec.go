package sock

import (
	"bytes"
	"context"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/cmd/zactor/internal/form"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// execute gives a message to the command, and its output to whoever sent the message; or
// prints it, where the socket can't answer.
func (r *runner) execute(ctx context.Context, m msg.Msg) error {
	envelope, body := r.unwrap(m)
	if r.kind.typ == zmq.Stream && body.Size() == 0 {
		return nil // a peer has come or gone
	}
	out, err := r.command(ctx, body)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.app.Note("--exec: %v", err)
		if r.kind.typ != zmq.Rep {
			return nil
		}
		out = msg.New([]byte{}) // the requester waits for something
	}
	if !r.kind.answers() {
		return r.print(out)
	}
	out.Frames = append(envelope, out.Frames...)
	if id := m.RoutingID(); id != 0 {
		out.SetRoutingID(id)
	}
	return r.reply(ctx, out)
}

// unwrap takes the envelope off: of a ROUTER's message the peer's id, and all up to an
// empty frame if there is one; of a STREAM's the id.
func (r *runner) unwrap(m msg.Msg) (envelope [][]byte, body msg.Msg) {
	n := 0
	switch r.kind.typ {
	case zmq.Stream:
		n = 1
	case zmq.Router, zmq.Dealer:
		if r.kind.typ == zmq.Router {
			n = 1
		}
		for i, frame := range m.Frames {
			if len(frame) == 0 && i < len(m.Frames)-1 {
				n = i + 1
				break
			}
		}
	}
	n = min(n, len(m.Frames))
	return m.Frames[:n:n], msg.New(m.Frames[n:]...)
}

// killTime is how long a command may go on once it was told to end.
const killTime = time.Second

// command runs CMD with a message as its input, in the form that the flags say.
func (r *runner) command(ctx context.Context, body msg.Msg) (msg.Msg, error) {
	in := r.input(r.app)
	cmd := exec.CommandContext(ctx, "sh", "-c", r.exec)
	if runtime.GOOS == "windows" {
		cmd = exec.CommandContext(ctx, "cmd", "/c", r.exec)
	}
	cmd.WaitDelay = killTime
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in.Append(nil, body)), r.app.Stderr
	out, err := cmd.Output()
	if err != nil {
		return msg.Msg{}, cli.Failed("the command must end with 0; what it says itself stands above", "--exec %s: %w", strings.TrimSpace(r.exec), err)
	}
	if in == form.Raw {
		return msg.New(out), nil
	}
	return in.Parse(bytes.TrimSuffix(out, []byte("\n")))
}
