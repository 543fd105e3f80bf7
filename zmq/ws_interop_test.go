//go:build interop

package zmq_test

import (
	"bufio"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// wsPeer is libzmq: it binds or connects over ws, with a mechanism, and answers.
const wsPeer = `
import sys, zmq
how, mechanism, endpoint, server, public, secret = sys.argv[1:]
s = zmq.Context().socket(zmq.REP)
s.linger = 0
s.rcvtimeo = 15000
if mechanism == "CURVE":
    s.curve_publickey, s.curve_secretkey = public.encode(), secret.encode()
    if how == "bind": s.curve_server = True
    else: s.curve_serverkey = server.encode()
if mechanism == "PLAIN" and how == "connect":
    s.plain_username, s.plain_password = b"admin", b"correct-horse-battery"
if how == "bind":
    s.bind(endpoint)
    print(s.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
else:
    s.connect(endpoint)
for _ in range(4): s.send_multipart(s.recv_multipart())
s.recv_multipart() # until it is killed
`

// Each mechanism works with libzmq over ws, on either side, and heartbeats do with it:
// they are not of ZMTP, and not sealed.
func TestInteropWSMechanisms(t *testing.T) {
	for _, mechanism := range []string{"NULL", "PLAIN", "CURVE"} {
		for _, how := range []string{"bind", "connect"} {
			if mechanism == "PLAIN" && how == "bind" {
				continue // libzmq lets nobody in there without an authenticator
			}
			t.Run(mechanism+"/"+how, func(t *testing.T) {
				k := alone(t, "ws")
				opts := map[string]zmq.Option{
					"PLAINconnect": zmq.WithPlainServer(), "CURVEconnect": zmq.WithCurveServer(serverCert),
					"CURVEbind": zmq.WithCurveClient(clientCert, clientCert.Public()),
				}
				s := k.open(zmq.Req, zmq.WithHeartbeat(50*time.Millisecond, time.Second, 0))
				if o, ok := opts[mechanism+how]; ok {
					k.ok(s.Set(o))
				}
				endpoint := "ws://127.0.0.1:*"
				var err error
				if how == "connect" {
					wsAuth(k)
					endpoint, err = s.Bind(endpoint)
					k.ok(err)
				}
				cmd := exec.CommandContext(k.ctx, "/usr/bin/python3", "-c", wsPeer, how, mechanism, endpoint, serverCert.Public(), clientCert.Public(), z85Secret(t, clientCert))
				out, err := cmd.StdoutPipe()
				k.ok(err)
				k.ok(cmd.Start())
				defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
				if how == "bind" {
					line, err := bufio.NewReader(out).ReadString('\n')
					k.ok(err)
					k.ok(s.Connect(strings.TrimSpace(line)))
				}
				events := k.watch(s, zmq.EventDisconnected)
				for i, size := range []int{0, 200, 300, 100000} {
					k.ok(s.Send(k.ctx, msgOf("a", wsBody(size, i))))
					m, err := s.Recv(k.ctx)
					k.ok(err)
					if m.Len() != 2 || string(m.Frames[1]) != wsBody(size, i) {
						t.Errorf("%d bytes came back as %d", size, m.Size())
					}
				}
				if mechanism != "NULL" && s.Peers()[0].Mechanism != mechanism {
					t.Errorf("the peer is %+v", s.Peers()[0])
				}
				select { // longer than a heartbeat may be without an answer
				case e := <-events.c:
					t.Error(fmt.Sprint("an idle connection: ", e))
				case <-time.After(1500 * time.Millisecond):
				}
			})
		}
	}
}
