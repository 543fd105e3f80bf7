//go:build interop

package main

import (
	"strings"
	"testing"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// said are the three messages of testdata/peer.py, as both sides print them.
const said = `{"frames":["one"]}
{"frames":["two",""]}
{"frames":[{"hex":"00ff"},"ü"]}
`

// The socket types between the tool and libzmq, both ways, to the byte.
func TestInteropPython(t *testing.T) {
	server, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	key := server.SecretKey().Expose()
	secret, err := cert.EncodeZ85(key[:])
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PEER_PUBLIC", server.Public())
	t.Setenv("PEER_SECRET", secret)
	t.Setenv("ZACTOR_PASSWORD", "tell no one")
	for mechanism, flags := range map[string][]string{
		"NULL":  nil,
		"PLAIN": {"--plain", "ann"},
		"CURVE": {"--curve-server", server.Public()},
	} {
		for _, c := range []struct {
			ours, peer, role string
			args             string
			typed            bool // we are told the messages
		}{
			{"pub", "sub", "recv", "", true},
			{"xpub", "sub", "recv", "--send-only", true},
			{"push", "pull", "recv", "", true},
			{"pair", "pair", "recv", "--send-only", true},
			{"dealer", "dealer", "recv", "--send-only", true},
			{"dealer", "router", "recv", "--send-only", true},
			{"req", "rep", "answer", "", true},
			{"dealer", "dealer", "answer", "-n 3", true},
			{"sub", "xpub", "send", "-n 3", false},
			{"xsub", "xpub", "send", "-n 3", false},
			{"pull", "push", "send", "-n 3", false},
			{"pair", "pair", "send", "-n 3 --recv-only", false},
			{"dealer", "dealer", "send", "-n 3 --recv-only", false},
			{"dealer", "router", "send", "-n 3 -D hello", false},
			{"rep", "req", "ask", "-n 3 --echo", false},
			{"router", "req", "ask", "-n 3 --echo", false},
			{"router", "dealer", "ask", "-n 3 --echo", false},
		} {
			if c.peer == "req" && mechanism != "NULL" {
				// libzmq 4.3.4 as a REQ that is the server of PLAIN or CURVE loses its
				// peer after the first reply; with a REP of libzmq, too.
				continue
			}
			t.Run(mechanism+"/"+c.ours+"-"+c.peer+"-"+c.role, func(t *testing.T) {
				endpoint := proc.IPC(t, 1)[0]
				peer := proc.Python("testdata/peer.py")(t, c.peer, c.role, mechanism, endpoint)
				args := append([]string{c.ours, "-c", endpoint, "--json", "-q", "-t", "30s"}, flags...)
				tool, in := proc.Typed(t, append(args, strings.Fields(c.args)...)...)
				if c.typed {
					typeTo(t, in, strings.TrimSuffix(said, "\n"))
				}
				in.Close()
				ours, theirs := tool.Wait(), peer.Wait()
				if prints := c.role == "answer" || c.role == "send"; prints && ours != said {
					t.Errorf("we printed\n%swant\n%s", ours, said)
				}
				if prints := c.role == "recv" || c.role == "ask"; prints && theirs != said {
					t.Errorf("the peer printed\n%swant\n%s", theirs, said)
				}
			})
		}
	}
}
