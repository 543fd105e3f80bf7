package zmq_test

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/security"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ws"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// flooder is a peer that knows no marks and no manners.
type flooder struct {
	t      *testing.T
	nc     net.Conn
	sealer wire.Sealer
	sealed []byte
	wrote  atomic.Int64
}

// flood connects a PUSH, made of this module's codecs only, to an endpoint of a scheme
// of schemes, "ws" or "wss".
func (k *kit) flood(endpoint string) *flooder {
	k.Helper()
	network, address := "tcp", ""
	scheme, rest, _ := strings.Cut(endpoint, "://")
	address = rest
	if scheme == "ipc" {
		network = "unix"
	}
	nc, err := net.Dial(network, address)
	k.ok(err)
	k.Cleanup(func() { nc.Close() })
	if strings.HasPrefix(scheme, "ws") {
		s := ws.Settings{Mechanism: "NULL", Host: address, Path: "/"}
		if scheme == "wss" {
			s.TLS = &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}
		}
		nc = ws.Client(nc, s)
	}
	f := &flooder{t: k.T, nc: nc}
	var mechanism wire.Mechanism = security.NewNull(false)
	if k.scheme == "curve" {
		mechanism = curveFlooder(k)
	}
	h := wire.NewHandshake(wire.Config{SocketType: "PUSH", Mechanism: mechanism})
	defer h.Close()
	p := make([]byte, 1<<10)
	for h.Phase() != wire.Ready {
		_, err := nc.Write(h.Output())
		k.ok(err)
		if h.Phase() == wire.Ready {
			break
		}
		n, err := nc.Read(p)
		k.ok(err)
		for got := p[:n]; len(got) > 0 && err == nil && h.Phase() != wire.Ready; got = got[n:] {
			n, err = h.Feed(got)
		}
		k.ok(err)
	}
	_, err = nc.Write(h.Output())
	k.ok(err)
	f.sealer = h.Result().Sealer
	return f
}

func curveFlooder(k *kit) wire.Mechanism {
	secret, public := clientKeys().SecretKey().Expose(), clientKeys().PublicKey()
	pair, err := security.NewKeyPair(&public, &secret)
	k.ok(err)
	server := serverKeys().PublicKey()
	m, err := security.NewCurveClient(pair, &server, rand.Reader)
	k.ok(err)
	return m
}

// message writes one frame, in pieces, so that nothing copies it as a whole.
func (f *flooder) message(body []byte) error {
	enc := body
	if f.sealer != nil {
		f.sealed = f.sealer.Seal(f.sealed[:0], 0, body)
		enc = f.sealed
	} else if err := f.write(wire.AppendHeader(nil, 0, len(body))); err != nil {
		return err
	}
	return f.write(enc)
}

func (f *flooder) write(p []byte) error {
	for len(p) > 0 {
		n, err := f.nc.Write(p[:min(len(p), 64<<10)])
		if err != nil {
			return err
		}
		f.wrote.Add(int64(n))
		p = p[n:]
	}
	return nil
}

// still waits until a count has not moved for a while: what was going to happen has
// happened, or the machine is so busy that the test is lenient.
func still(count func() int64) {
	const looks = 15
	for last, same := int64(-1), 0; same < looks; time.Sleep(20 * time.Millisecond) {
		if now := count(); now != last {
			last, same = now, 0
		} else {
			same++
		}
	}
}

// heap is what is alive after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What one peer can make us keep, when nobody receives, is the bound in bytes and two
// messages (or buffers of small ones), over every transport: the one that goes over the
// bound and the one that is half read behind it. Nothing is lost by that. Not parallel: it looks at the heap.
func TestRecvBytesBoundMemory(t *testing.T) {
	bound := int64(ztest.Size(6, 64)) << 20
	for _, way := range []string{"tcp", "ipc", "ws", "wss", "curve"} {
		for _, c := range []struct{ size, count int }{
			{ztest.Size(1, 15) << 20, ztest.Size(40, 100)},
			{ztest.Size(200, 900) << 10, ztest.Size(200, 900)},
		} {
			t.Run(fmt.Sprintf("%s/%d", way, c.size), func(t *testing.T) {
				boundedMemory(t, way, bound, c.size, c.count)
			})
		}
	}
}

func boundedMemory(t *testing.T, way string, bound int64, size, count int) {
	k := patientKit(t, way, 5*time.Minute)
	pull := k.open(zmq.Pull, zmq.WithRecvBytes(bound))
	endpoint, err := "", error(nil)
	switch way {
	case "ws":
		endpoint, err = pull.Bind("ws://127.0.0.1:*")
	case "wss":
		certPEM, keyPEM := wsKeyPair()
		endpoint, err = pull.Bind("wss://127.0.0.1:*", zmq.WithWSSCert(certPEM), zmq.WithWSSKey(keyPEM))
	default:
		endpoint, err = k.listen(pull, k.endpoint())
	}
	k.ok(err)
	f := k.flood(endpoint)
	body := make([]byte, size)
	if f.sealer != nil {
		f.sealed = make([]byte, 0, size+64)
	}
	k.ok(f.message([]byte("first")))
	k.want(pull, "first")
	runtime.GC() // twice more: pools keep what they have for two collections
	runtime.GC()
	start := heap()
	done := make(chan error, 1)
	go func() {
		for i := range count {
			binary.BigEndian.PutUint32(body, uint32(i))
			if err := f.message(body); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	still(f.wrote.Load)
	unit := max(int64(size), buf.MaxChunk) // smaller messages share a buffer
	kept, most := heap()-start, bound+2*unit+1<<20
	t.Logf("%d KiB of %d are kept, at most %d", kept>>10, int64(count*size)>>10, most>>10)
	if kept > most {
		t.Errorf("%d bytes are kept, the bound and two messages are %d", kept, most)
	}
	if int64(count*size) <= most || f.wrote.Load() >= int64(count*size) {
		t.Error("all of it was written: the test looks at nothing")
	}
	for i := range count {
		m, err := pull.Recv(k.ctx)
		k.ok(err)
		if m.Len() != 1 || len(m.Frames[0]) != size || binary.BigEndian.Uint32(m.Frames[0]) != uint32(i) {
			t.Fatalf("message %d is not what was sent", i)
		}
		m.Release()
	}
	k.ok(<-done)
	k.silent(pull)
}

// A few bytes may keep a large buffer alive, which then is what counts. Here commands
// make the buffer grow, which nobody keeps, and a small message is the last thing in it.
func TestRecvBytesCountsBuffers(t *testing.T) {
	const bound, size, count = 4 << 20, 5000, 200
	k := patientKit(t, "tcp", 5*time.Minute) // of PINGs there are 200 MB
	pull := k.open(zmq.Pull, zmq.WithRecvBytes(bound))
	f := k.flood(k.bind(pull))
	go io.Copy(io.Discard, f.nc) // PONGs
	noise := make([]byte, 0, 1<<20)
	for len(noise) < 1<<20 {
		noise = wire.AppendPing(noise, 0, make([]byte, 16))
	}
	body := make([]byte, size)
	runtime.GC()
	runtime.GC()
	start, done := heap(), make(chan error, 1)
	go func() {
		for range count {
			err := f.write(noise)
			if err == nil {
				err = f.message(body)
			}
			if err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	still(f.wrote.Load)
	if kept := heap() - start; kept > bound+4<<20 {
		t.Errorf("%d bytes are kept by %d messages of %d, the bound is %d", kept, pull.Stats().Unread, size, bound)
	}
	for range count {
		m, err := pull.Recv(k.ctx)
		k.ok(err)
		if m.Size() != size {
			t.Fatal("a message is not what was sent")
		}
		m.Release()
	}
	k.ok(<-done)
}

// Over inproc both sides' bounds count together.
func TestBytesOverInproc(t *testing.T) {
	size := ztest.Size(1, 15) << 20
	sndBytes, rcvBytes := int64(ztest.Size(2, 64))<<20, int64(ztest.Size(4, 64))<<20
	for _, senderBinds := range []bool{true, false} {
		t.Run(fmt.Sprintf("sender binds %v", senderBinds), func(t *testing.T) {
			k := patientKit(t, "inproc", time.Minute)
			push, pull := k.open(zmq.Push, zmq.WithSendBytes(sndBytes)), k.open(zmq.Pull, zmq.WithRecvBytes(rcvBytes))
			binder, connecter := pull, push
			if senderBinds {
				binder, connecter = push, pull
			}
			k.ok(k.dial(connecter, k.bind(binder)))
			k.linked(push, pull)
			start, n := heap(), 0
			for ; n < 100; n++ {
				if push.TrySend(msg.New(make([]byte, size))) != nil {
					break
				}
			}
			kept := heap() - start
			want := int((sndBytes + rcvBytes + int64(size) - 1) / int64(size))
			if n != want {
				t.Errorf("%d messages of %d bytes were taken, want %d", n, size, want)
			}
			if most := sndBytes + rcvBytes + int64(size) + 1<<20; kept > most {
				t.Errorf("%d bytes are kept, want %d at most", kept, most)
			}
			for range n {
				m, err := pull.Recv(k.ctx)
				k.ok(err)
				m.Release()
			}
			k.ok(push.TrySend(msg.New(make([]byte, size))))
		})
	}
}
