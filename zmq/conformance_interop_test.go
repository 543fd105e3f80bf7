//go:build interop

package zmq_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// theirs makes sockets of libzmq, in a process of their own.
type theirs struct {
	*proc.Peer
	k     *kit
	count int
}

// startTheirs starts the process. It inherits the files, as descriptors from 3 on.
func startTheirs(k *kit, files ...*os.File) *theirs {
	k.Helper()
	return &theirs{Peer: proc.PythonPeer(k, files, "testdata/conformance_peer.py"), k: k}
}

type theirAnswer struct {
	Error, Endpoint, Value string
	Kind                   int
	Frames                 []string
}

// do runs one command. Frames are latin-1 on the way.
func (t *theirs) do(op string, a map[string]any) theirAnswer {
	t.k.Helper()
	a["op"] = op
	t.Say(a)
	var r theirAnswer
	t.Hear(&r)
	for i, f := range r.Frames {
		r.Frames[i] = narrow(f)
	}
	return r
}

// wide makes each byte a character, and narrow the contrary.
func wide(s string) string {
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return string(r)
}

func narrow(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

type theirSocket struct {
	t  *theirs
	id string
}

func (t *theirs) open(typ string, options ...setting) conformer {
	t.k.Helper()
	t.count++
	id := fmt.Sprint(t.count)
	list := [][2]any{}
	for _, o := range options {
		list = append(list, [2]any{o.name, wideValue(o.value)})
	}
	if r := t.do("open", map[string]any{"sock": id, "type": typ, "options": list}); r.Error != "" {
		t.k.Fatalf("libzmq's %s: %s", typ, r.Error)
	}
	return theirSocket{t, id}
}

func wideValue(v any) any {
	if s, ok := v.(string); ok {
		return wide(s)
	}
	return v
}

func (s theirSocket) do(op string, a map[string]any) theirAnswer {
	if a == nil {
		a = map[string]any{}
	}
	a["sock"] = s.id
	return s.t.do(op, a)
}

func (s theirSocket) bind(endpoint string) (string, string) {
	r := s.do("bind", map[string]any{"endpoint": endpoint})
	return r.Endpoint, r.Error
}

func (s theirSocket) connect(endpoint string) string {
	return s.do("connect", map[string]any{"endpoint": endpoint}).Error
}

func (s theirSocket) unbind(endpoint string) string {
	return s.do("unbind", map[string]any{"endpoint": endpoint}).Error
}

func (s theirSocket) set(name string, value any) string {
	return s.do("set", map[string]any{"name": name, "value": wideValue(value)}).Error
}

func (s theirSocket) subscribe(topic string, on bool) string {
	return s.do("subscribe", map[string]any{"topic": wide(topic), "on": on}).Error
}

func (s theirSocket) send(d time.Duration, frames ...string) string {
	for i, f := range frames {
		frames[i] = wide(f)
	}
	return s.do("send", map[string]any{"ms": d.Milliseconds(), "frames": frames}).Error
}

func (s theirSocket) recv(d time.Duration) ([]string, string) {
	r := s.do("recv", map[string]any{"ms": d.Milliseconds()})
	return r.Frames, r.Error
}

func (s theirSocket) close() { s.do("close", nil) }

// Every behaviour with libzmq on one side, on the other, and on both.
func TestInteropConformance(t *testing.T) {
	for _, b := range behaviours {
		t.Run(b.section+"/"+b.name, func(t *testing.T) {
			for _, scheme := range []string{"ipc", "tcp"} {
				for _, cast := range []string{"ours to libzmq", "libzmq to ours", "libzmq to libzmq"} {
					t.Run(scheme+"/"+cast, func(t *testing.T) {
						k := newKit(t, scheme)
						peer := startTheirs(k)
						s := &stage{k, ours{k}, peer}
						switch cast {
						case "libzmq to ours":
							s.A, s.B = peer, ours{k}
						case "libzmq to libzmq":
							s.A = peer
						}
						b.play(s)
					})
				}
			}
		})
	}
}
