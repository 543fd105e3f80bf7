package zmq_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// streamed runs a test over what a STREAM can use.
func streamed(t *testing.T, fn func(k *kit)) { runOver(t, []string{"ipc", "tcp"}, fn) }

// plainDial connects a plain program to an endpoint.
func plainDial(k *kit, endpoint string) net.Conn {
	k.Helper()
	network, address, _ := strings.Cut(endpoint, "://")
	if network == "ipc" {
		network = "unix"
	}
	c, err := net.Dial(network, address)
	k.ok(err)
	k.ok(c.SetDeadline(time.Now().Add(ztest.Patience)))
	k.Cleanup(func() { c.Close() })
	return c
}

// plainListen is a plain program that listens.
func plainListen(k *kit) (l net.Listener, endpoint string) {
	k.Helper()
	network, address, _ := strings.Cut(k.endpoint(), "://")
	if k.scheme == "ipc" {
		network = "unix"
	}
	l, err := net.Listen(network, address)
	k.ok(err)
	k.Cleanup(func() { l.Close() })
	return l, k.scheme + "://" + address
}

func plainAccept(k *kit, l net.Listener) net.Conn {
	k.Helper()
	c, err := l.Accept()
	k.ok(err)
	k.ok(c.SetDeadline(time.Now().Add(ztest.Patience)))
	k.Cleanup(func() { c.Close() })
	return c
}

func plainRead(k *kit, c net.Conn, want string) {
	k.Helper()
	b := make([]byte, len(want))
	if _, err := io.ReadFull(c, b); err != nil || string(b) != want {
		k.Fatalf("read %q, %v; want %q", b, err, want)
	}
}

// notice receives the empty message of a connection that comes or goes.
func notice(k *kit, s *zmq.Socket) (id string) {
	k.Helper()
	got := k.recv(s)
	if len(got) != 2 || got[1] != "" {
		k.Fatalf("got %q, want a routing id and an empty frame", got)
	}
	return got[0]
}

// The life of a connection: it comes, bytes go both ways, it goes.
func TestStreamAndPlainClient(t *testing.T) {
	streamed(t, func(k *kit) {
		s, endpoint := k.bound(zmq.Stream)
		c := plainDial(k, endpoint)
		id := notice(k, s)
		if len(id) != 5 || id[0] != 0 {
			k.Fatalf("routing id %q", id)
		}
		_, err := c.Write([]byte("hello"))
		k.ok(err)
		k.want(s, id, "hello")
		k.send(s, id, "hel")
		k.ok(s.SendBytes(k.ctx, []byte(id), []byte("lo back")))
		plainRead(k, c, "hello back")
		k.ok(c.Close())
		if gone := notice(k, s); gone != id {
			k.Errorf("%q went, not %q", gone, id)
		}
		k.until("it is forgotten", func() bool { return s.Stats().Connected == 0 })
		k.is(s.SendString(k.ctx, id, "x"), zmq.ErrHostUnreachable)
	})
}

func TestStreamRefuses(t *testing.T) {
	k := alone(t, "tcp")
	s := k.open(zmq.Stream)
	k.is(s.SendString(k.ctx, "id", "a", "b"), zmq.ErrInvalidMessage)
	k.is(s.SendString(k.ctx, "nobody", "x"), zmq.ErrHostUnreachable)
	k.is(s.TrySend(msg.NewString("nobody", "")), zmq.ErrHostUnreachable)
	_, err := s.Bind("inproc://stream")
	k.is(err, zmq.ErrInvalidEndpoint)
	k.is(s.Connect("udp://127.0.0.1:1"), zmq.ErrInvalidEndpoint)
	// It must not look as if what it sends were protected.
	err = s.Connect("tcp://127.0.0.1:1", zmq.WithCurveClient(clientKeys(), serverKeys().Public()))
	k.is(err, zmq.ErrInvalidOption)
	_, err = s.Bind("tcp://127.0.0.1:*", zmq.WithZAPDomain("d"))
	k.is(err, zmq.ErrInvalidOption)
	if s.Poll() != zmq.PollOut {
		k.Errorf("a STREAM can always send: %v", s.Poll())
	}
}

// An empty frame ends a connection, after what was sent before it; the program is
// not told what it did itself.
func TestStreamEnds(t *testing.T) {
	streamed(t, func(k *kit) {
		s, endpoint := k.bound(zmq.Stream)
		c := plainDial(k, endpoint)
		id := notice(k, s)
		page := strings.Repeat("page", 1<<18)
		k.send(s, id, page)
		k.send(s, id, "")
		k.is(s.SendString(k.ctx, id, "more"), zmq.ErrHostUnreachable)
		// What the client still sends must not reset the connection under the page.
		_, err := c.Write([]byte("unread"))
		k.ok(err)
		got, err := io.ReadAll(c)
		k.ok(err)
		if string(got) != page {
			k.Fatalf("%d bytes of %d", len(got), len(page))
		}
		k.ok(c.Close())
		k.until("it is gone", func() bool { return s.Stats().Connected == 0 })
		for {
			m, err := s.TryRecv()
			if err != nil {
				break
			}
			if string(m.Frames[1]) != "unread" {
				k.Errorf("got %q", text(m))
			}
		}
	})
}

// A connected endpoint has a name at once, and keeps it when it is dialled again.
func TestStreamConnects(t *testing.T) {
	streamed(t, func(k *kit) {
		l, endpoint := plainListen(k)
		s := k.open(zmq.Stream, zmq.WithReconnectInterval(time.Millisecond, 0))
		k.ok(s.Connect(endpoint))
		v, err := s.Option("ROUTING_ID")
		k.ok(err)
		id := v.(string)
		k.send(s, id, "early")
		c := plainAccept(k, l)
		plainRead(k, c, "early")
		if got := notice(k, s); got != id {
			k.Fatalf("%q came, not %q", got, id)
		}
		k.ok(c.Close())
		if got := notice(k, s); got != id {
			k.Fatalf("%q went, not %q", got, id)
		}
		c = plainAccept(k, l)
		if got := notice(k, s); got != id {
			k.Fatalf("%q came again, not %q", got, id)
		}
		k.send(s, id, "last")
		k.send(s, id, "")
		got, err := io.ReadAll(c)
		k.ok(err)
		if string(got) != "last" {
			k.Errorf("got %q", got)
		}
		k.until("the endpoint is given up", func() bool { return len(s.Peers()) == 0 })
		k.is(s.SendString(k.ctx, id, "x"), zmq.ErrHostUnreachable)
	})
}

func TestStreamConnectRoutingID(t *testing.T) {
	streamed(t, func(k *kit) {
		l, endpoint := plainListen(k)
		s := k.open(zmq.Stream)
		k.ok(s.Connect(endpoint, zmq.WithConnectRoutingID("printer")))
		if v, err := s.Option("ROUTING_ID"); err != nil || v != "printer" {
			k.Fatalf("%v, %v", v, err)
		}
		k.send(s, "printer", "job")
		plainRead(k, plainAccept(k, l), "job")
		if id := notice(k, s); id != "printer" {
			k.Errorf("%q came", id)
		}
	})
}

func TestStreamNotify(t *testing.T) {
	streamed(t, func(k *kit) {
		s, endpoint := k.bound(zmq.Stream, zmq.WithStreamNotify(false))
		c := plainDial(k, endpoint)
		_, err := c.Write([]byte("x"))
		k.ok(err)
		if got := k.recv(s); len(got) != 2 || got[1] != "x" {
			k.Fatalf("got %q", got)
		}
		k.ok(c.Close())
		k.until("it is gone", func() bool { return s.Stats().Connected == 0 })
		k.silent(s)
		if v, err := s.Option("STREAM_NOTIFY"); err != nil || v != false {
			k.Errorf("%v, %v", v, err)
		}
	})
}

// No piece is longer than 8 KiB, none is empty, and together they are what was sent.
func TestStreamPieces(t *testing.T) {
	streamed(t, func(k *kit) {
		s, endpoint := k.bound(zmq.Stream, zmq.WithStreamNotify(false), zmq.WithRecvHWM(2))
		c := plainDial(k, endpoint)
		sent := make([]byte, 1<<20)
		for i := range sent {
			sent[i] = byte(i * i >> 8)
		}
		done := make(chan error, 1)
		go func() {
			_, err := c.Write(sent)
			done <- err
		}()
		var got []byte
		for len(got) < len(sent) {
			m, err := s.Recv(k.ctx)
			k.ok(err)
			if n := len(m.Frames[1]); m.Len() != 2 || n == 0 || n > 8192 {
				k.Fatalf("%d frames, %d bytes", m.Len(), n)
			}
			got = append(got, m.Frames[1]...)
			m.Release()
		}
		k.ok(k.result(done))
		if !bytes.Equal(got, sent) {
			k.Error("the bytes differ")
		}
	})
}

// Send waits for a plain program that does not read, and for that one only.
func TestStreamAtTheMark(t *testing.T) {
	streamed(t, func(k *kit) {
		s, endpoint := k.bound(zmq.Stream, zmq.WithSendHWM(2))
		slow := plainDial(k, endpoint)
		id := notice(k, s)
		piece := strings.Repeat("x", 64<<10)
		const n = 300
		all := k.blocked(func() error {
			for range n {
				if err := s.SendString(k.ctx, id, piece); err != nil {
					return err
				}
			}
			return nil
		})
		other := plainDial(k, endpoint)
		k.send(s, notice(k, s), "quick")
		plainRead(k, other, "quick")
		got, err := io.CopyN(io.Discard, slow, n*int64(len(piece)))
		if err != nil || got != n*int64(len(piece)) {
			k.Fatalf("%d bytes, %v", got, err)
		}
		k.ok(k.result(all))
	})
}

// Who waits for a plain program that goes away hears of it.
func TestStreamPeerGone(t *testing.T) {
	streamed(t, func(k *kit) {
		s, endpoint := k.bound(zmq.Stream, zmq.WithSendHWM(1))
		c := plainDial(k, endpoint)
		id := notice(k, s)
		late := k.blocked(func() error {
			for {
				if err := s.SendString(k.ctx, id, strings.Repeat("x", 1<<20)); err != nil {
					return err
				}
			}
		})
		k.ok(c.Close())
		k.is(k.result(late), zmq.ErrHostUnreachable)
	})
}

func TestStreamFairness(t *testing.T) {
	k := alone(t, "tcp")
	s, endpoint := k.bound(zmq.Stream, zmq.WithStreamNotify(false))
	flood, rare := plainDial(k, endpoint), plainDial(k, endpoint)
	_, err := flood.Write(make([]byte, 60*8192))
	k.ok(err)
	k.ok(s.WaitConnected(k.ctx, 2))
	k.until("the flood has arrived", func() bool { return s.Stats().Unread >= 10 })
	_, err = rare.Write([]byte("rare"))
	k.ok(err)
	k.until("both have arrived", func() bool {
		for _, p := range s.Peers() {
			if p.Unread == 0 {
				return false
			}
		}
		return true
	})
	for i := 0; ; i++ {
		if k.recv(s)[1] == "rare" {
			break
		}
		if i == 3 {
			k.Fatal("the flood is heard first")
		}
	}
}

// A web page, for a client that knows nothing of us.
func TestStreamServesHTTP(t *testing.T) {
	k := alone(t, "tcp")
	s, endpoint := k.bound(zmq.Stream)
	served := make(chan error, 1)
	go func() {
		requests := map[string]string{}
		for {
			m, err := s.Recv(k.ctx)
			if err != nil {
				served <- err
				return
			}
			id := string(m.Frames[0])
			requests[id] += string(m.Frames[1])
			if !strings.HasSuffix(requests[id], "\r\n\r\n") {
				continue
			}
			path := strings.Fields(requests[id])[1]
			body := "<h1>" + path + "</h1>"
			page := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(body), body)
			if s.SendString(k.ctx, id, page) != nil || s.SendString(k.ctx, id, "") != nil {
				served <- err
				return
			}
		}
	}()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: ztest.Patience}
	for _, path := range []string{"/", "/a", "/b"} {
		r, err := client.Get("http" + strings.TrimPrefix(endpoint, "tcp") + path)
		k.ok(err)
		b, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || string(b) != "<h1>"+path+"</h1>" || r.Header.Get("Content-Type") != "text/html" {
			k.Fatalf("%q, %v", b, err)
		}
	}
	k.ok(s.Close())
	k.is(<-served, zmq.ErrClosed)
}

// And the other way: a STREAM is the client of a web server.
func TestStreamFetchesHTTP(t *testing.T) {
	k := alone(t, "tcp")
	l, endpoint := plainListen(k)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "you asked for ", r.URL.Path)
	})}
	go server.Serve(l)
	defer server.Close()
	s := k.open(zmq.Stream, zmq.WithStreamNotify(false))
	k.ok(s.Connect(endpoint))
	id, err := s.Option("ROUTING_ID")
	k.ok(err)
	k.send(s, id.(string), "GET /x HTTP/1.0\r\n\r\n")
	answer := ""
	for !strings.Contains(answer, "you asked for /x") {
		answer += k.recv(s)[1]
	}
	if !strings.HasPrefix(answer, "HTTP/1.0 200 OK\r\n") {
		k.Errorf("%q", answer)
	}
}

// Close sends what was accepted, as for any other type.
func TestStreamLinger(t *testing.T) {
	streamed(t, func(k *kit) {
		s, endpoint := k.bound(zmq.Stream)
		c := plainDial(k, endpoint)
		id := notice(k, s)
		page := strings.Repeat("z", 4<<20)
		k.send(s, id, page)
		closed := make(chan error, 1)
		go func() { closed <- s.Close() }()
		got, err := io.ReadAll(c)
		k.ok(err)
		if len(got) != len(page) {
			k.Errorf("%d bytes of %d", len(got), len(page))
		}
		k.ok(k.result(closed))
	})
}

// Two STREAMs are plain programs to each other.
func TestStreamToStream(t *testing.T) {
	streamed(t, func(k *kit) {
		a, endpoint := k.bound(zmq.Stream)
		b := k.open(zmq.Stream)
		k.ok(b.Connect(endpoint))
		ida, idb := notice(k, a), notice(k, b)
		k.send(b, idb, "ping")
		k.want(a, ida, "ping")
		k.send(a, ida, "pong")
		k.want(b, idb, "pong")
		k.send(a, ida, "")
		if gone := notice(k, b); gone != idb {
			k.Errorf("%q went", gone)
		}
	})
}

// A STREAM tells of connections by ACCEPTED and CONNECTED: there is no handshake
// that could succeed or fail.
func TestStreamEvents(t *testing.T) {
	k := alone(t, "tcp")
	s := k.open(zmq.Stream)
	w := k.watch(s, zmq.EventAll)
	endpoint, err := s.Bind("tcp://127.0.0.1:*")
	k.ok(err)
	c := plainDial(k, endpoint)
	notice(k, s)
	k.ok(c.Close())
	w.sequence(zmq.EventListening, zmq.EventAccepted, zmq.EventDisconnected)
}
