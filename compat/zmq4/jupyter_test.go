//go:build interop

package zmq4_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-zactor/zactor/compat/zmq4"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// A Jupyter kernel in the manner of those that are written in Go on go-zeromq: five
// sockets that listen, one goroutine for each.
type kernel struct {
	key                              string
	shell, control, stdin, iopub, hb zmq4.Socket
	replies                          chan jupyterMsg // of stdin
	served                           sync.WaitGroup
	waits                            atomic.Bool   // a cell is under way
	done                             chan struct{} // the kernel stops

	mu    sync.Mutex // guards count
	count int
}

// jupyterMsg is a message of the wire protocol.
type jupyterMsg struct {
	ids                               [][]byte
	header, parent, metadata, content json.RawMessage
}

type jupyterHeader struct {
	Type string `json:"msg_type"`
}

const jupyterDelimiter = "<IDS|MSG>"

// startKernel listens at five endpoints: shell, control, iopub, stdin, heartbeat.
func startKernel(k *kit, key string, at []string) *kernel {
	n := &kernel{
		key:     key,
		shell:   zmq4.NewRouter(k.ctx),
		control: zmq4.NewRouter(k.ctx),
		iopub:   zmq4.NewPub(k.ctx),
		stdin:   zmq4.NewRouter(k.ctx),
		hb:      zmq4.NewRep(k.ctx),
		replies: make(chan jupyterMsg, 1),
		done:    make(chan struct{}),
	}
	for i, s := range []zmq4.Socket{n.shell, n.control, n.iopub, n.stdin, n.hb} {
		k.ok(s.Listen(at[i]))
	}
	n.serve(n.shell, n.execute)
	n.serve(n.control, n.controlled)
	n.serve(n.stdin, n.answered)
	n.served.Go(func() {
		for {
			m, err := n.hb.Recv()
			if err == nil {
				err = n.hb.Send(m)
			}
			if err != nil {
				return
			}
		}
	})
	return n
}

func (n *kernel) stop(k *kit) {
	for _, s := range []zmq4.Socket{n.shell, n.control, n.iopub, n.stdin, n.hb} {
		k.ok(s.Close())
	}
	close(n.done)
	n.served.Wait()
}

// serve hands each message of a socket to a function, until the socket is closed.
func (n *kernel) serve(s zmq4.Socket, handle func(jupyterMsg) error) {
	n.served.Go(func() {
		for {
			raw, err := s.Recv()
			if err != nil {
				return
			}
			m, err := n.parse(raw.Frames)
			if err != nil || handle(m) != nil {
				return
			}
		}
	})
}

func (n *kernel) sign(parts ...json.RawMessage) string {
	mac := hmac.New(sha256.New, []byte(n.key))
	for _, p := range parts {
		mac.Write(p)
	}
	return hex.EncodeToString(mac.Sum(nil))
}

func (n *kernel) parse(frames [][]byte) (m jupyterMsg, err error) {
	i := 0
	for i < len(frames) && string(frames[i]) != jupyterDelimiter {
		i++
	}
	if len(frames) < i+6 {
		return m, fmt.Errorf("a message of %d frames", len(frames))
	}
	m = jupyterMsg{frames[:i], frames[i+2], frames[i+3], frames[i+4], frames[i+5]}
	if want := n.sign(m.header, m.parent, m.metadata, m.content); want != string(frames[i+1]) {
		return m, fmt.Errorf("the signature is %s, not %s", frames[i+1], want)
	}
	return m, nil
}

// send answers m, or publishes about it, on a socket.
func (n *kernel) send(s zmq4.Socket, ids [][]byte, kind string, m jupyterMsg, content any) error {
	n.mu.Lock()
	n.count++
	id := strconv.Itoa(n.count)
	n.mu.Unlock()
	header, err := json.Marshal(map[string]string{
		"msg_id": id, "msg_type": kind, "session": "kernel", "username": "kernel", "version": "5.3",
	})
	if err != nil {
		return err
	}
	body, err := json.Marshal(content)
	if err != nil {
		return err
	}
	frames := append(slices.Clone(ids), []byte(jupyterDelimiter), []byte(n.sign(header, m.header, []byte("{}"), body)),
		header, m.header, []byte("{}"), body)
	return s.SendMulti(zmq4.NewMsgFrom(frames...))
}

func (n *kernel) publish(m jupyterMsg, kind string, content any) error {
	return n.send(n.iopub, [][]byte{[]byte("kernel." + kind)}, kind, m, content)
}

// execute squares a number, once the user has said yes.
func (n *kernel) execute(m jupyterMsg) error {
	var request struct{ Code string }
	if err := json.Unmarshal(m.content, &request); err != nil {
		return err
	}
	select {
	case <-n.replies: // of an earlier cell
	default:
	}
	n.waits.Store(true)
	defer n.waits.Store(false)
	if err := n.send(n.stdin, m.ids, "input_request", m, map[string]any{"prompt": "sure?", "password": false}); err != nil {
		return err
	}
	var answer jupyterMsg
	select {
	case answer = <-n.replies:
	case <-n.done:
	}
	if answer.content == nil || !strings.Contains(string(answer.content), "yes") {
		return nil
	}
	number, _, _ := strings.Cut(request.Code, " ")
	x, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	for _, p := range []struct {
		kind    string
		content any
	}{
		{"status", map[string]string{"execution_state": "busy"}},
		{"execute_input", map[string]any{"code": request.Code, "execution_count": 1}},
		{"execute_result", map[string]any{"data": map[string]string{"text/plain": strconv.Itoa(x * x)}, "execution_count": 1}},
	} {
		if err := n.publish(m, p.kind, p.content); err != nil {
			return err
		}
	}
	if err := n.send(n.shell, m.ids, "execute_reply", m, map[string]any{"status": "ok", "execution_count": 1}); err != nil {
		return err
	}
	return n.publish(m, "status", map[string]string{"execution_state": "idle"})
}

// answered hands what the user said to the cell that waits for it, if one does.
func (n *kernel) answered(m jupyterMsg) error {
	select {
	case n.replies <- m:
	default:
	}
	return nil
}

// controlled interrupts the cell that waits for its user, or tells about the kernel.
func (n *kernel) controlled(m jupyterMsg) error {
	var header jupyterHeader
	if err := json.Unmarshal(m.header, &header); err != nil {
		return err
	}
	if header.Type == "interrupt_request" {
		if n.waits.Load() {
			_ = n.answered(jupyterMsg{})
		}
		return n.send(n.control, m.ids, "interrupt_reply", m, map[string]string{"status": "ok"})
	}
	return n.send(n.control, m.ids, "kernel_info_reply", m, map[string]string{"status": "ok", "implementation": "gokernel"})
}

// A notebook goes on when the kernel restarts, and a kernel when the notebook does.
func TestInteropJupyter(t *testing.T) {
	k := newKit(t)
	at := proc.TCP(t, 5)
	const key = "a-secret"
	args := append([]string{key}, at...)
	client := proc.Python("testdata/jupyter_client.py")
	n := startKernel(k, key, at)
	first := client(t, append(args, "6")...)
	first.Expect("^round 3 gokernel$")
	n.stop(k)
	n = startKernel(k, key, at)
	first.Expect("^round 6 gokernel$")
	first.Wait()
	killed := client(t, append(args, "1000000")...)
	killed.Expect("^round 3 gokernel$")
	killed.Kill()
	last := client(t, append(args, "3")...)
	last.Expect("^round 3 gokernel$")
	last.Wait()
	n.stop(k)
}
