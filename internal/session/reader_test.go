package session

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// stream is a connection whose bytes come in given pieces.
type stream struct {
	net.Conn // nil: nothing else is called
	data     []byte
	sizes    func() int // of the next piece
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.data[:min(s.sizes(), len(s.data))])
	s.data = s.data[n:]
	return n, nil
}

func (s *stream) Close() error         { return nil }
func (s *stream) RemoteAddr() net.Addr { return nil }

// socket is a Handler that keeps what it is told.
type socket struct {
	link.Nobody
	inspected []msg.Msg
	topics    []string
}

func (s *socket) Readable(*queue.Pipe)                             {}
func (s *socket) Writable(*queue.Pipe)                             {}
func (s *socket) NewPipe() *queue.Pipe                             { return queue.New(s, queue.Limits{}) }
func (s *socket) Welcome(*queue.Pipe) error                        { return nil }
func (s *socket) Unheeded(*queue.Pipe, string)                     {}
func (s *socket) Claim(*link.Peer) (Place, error)                  { return nil, nil }
func (s *socket) Refused(*Connector, *queue.Pipe, error)           {}
func (s *socket) Requeue([][]byte, int)                            {}
func (s *socket) Numbered(*queue.Pipe, wire.Command, uint64) error { return nil }
func (s *socket) Authorize(Authority, wire.Credentials, net.Conn, time.Time, func(Verdict)) func() {
	panic("nobody asks here")
}

func (s *socket) Inspect(_ *queue.Pipe, frames [][]byte) error {
	s.inspected = append(s.inspected, msg.New(frames...).Clone()) // they are only lent
	return nil
}

func (s *socket) Subscribed(_ *queue.Pipe, topic []byte, add bool) error {
	s.topics = append(s.topics, fmt.Sprint(string(topic), add))
	return nil
}

// readAll runs a reader over data that comes in pieces, and returns the messages.
func readAll(cfg Config, v wire.Version, data []byte, sizes func() int) (*socket, []msg.Msg, error) {
	host := &socket{}
	c, err := runReader(cfg, host, v, &stream{data: data, sizes: sizes})
	if cfg.Inspect {
		return host, host.inspected, err
	}
	var list []msg.Msg
	for {
		m, ok, _ := c.pipe.In.Next(0)
		if !ok {
			return host, list, err
		}
		list = append(list, m)
	}
}

func runReader(cfg Config, host interface {
	Handler
	queue.Owner
}, v wire.Version, from *stream) (*conn, error) {
	c := newConn(&cfg, host, from, "test")
	c.pipe = queue.New(host, queue.Limits{})
	c.info = &buf.Peer{}
	c.result = wire.Result{Version: v}
	c.beat = newHeartbeat(c)
	defer c.beat.end()
	return c, newReader(c).run(nil)
}

// traffic is a stream of messages with commands between their frames, in the
// framing of version v.
func traffic(v wire.Version) (data []byte, want []msg.Msg) {
	for i, size := range []int{0, 1, 255, 256, 3, 5000, 0, 70_000, 12, 300_000, 1, 2} {
		m := msg.New()
		for p := range 1 + i%3 {
			f := make([]byte, size)
			for k := range f {
				f[k] = byte(k + i + p)
			}
			m.Append(f)
		}
		want = append(want, m)
		for p, f := range m.Frames {
			flags := byte(0)
			if p+1 < m.Len() {
				flags = wire.FlagMore
			}
			if v == wire.V1 {
				data = append(wire.AppendHeader1(data, flags, len(f)), f...)
				continue
			}
			data = append(wire.AppendHeader(data, flags, len(f)), f...)
			if v < wire.V30 {
				continue // it knows no commands
			}
			if i%2 == 1 {
				data = wire.AppendPong(data, []byte("ctx"))
			}
			if i%5 == 0 {
				data = wire.AppendSubscribe(data, v, []byte("topic"))
			}
		}
	}
	return data, want
}

func compare(t *testing.T, what string, got, want []msg.Msg) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d messages, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !got[i].Equal(want[i]) {
			t.Fatalf("%s: message %d came as %d frames of %d bytes, or damaged", what, i, got[i].Len(), got[i].Size())
		}
	}
}

// However the bytes are cut on their way, the messages are the same: by the reader
// that only finds boundaries, and by the one that decodes.
func TestReaderInAnyPieces(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pieces := map[string]func() int{
		"whole":  func() int { return 1 << 30 },
		"bytes":  func() int { return 1 },
		"sevens": func() int { return 7 },
		"random": func() int { return 1 + rng.IntN(1<<rng.IntN(18)) },
	}
	for name, sizes := range pieces {
		for _, v := range []wire.Version{wire.V1, wire.V2, wire.V31} {
			data, want := traffic(v)
			for _, inspect := range []bool{false, true} {
				host, got, err := readAll(Config{Inspect: inspect}, v, data, sizes)
				what := fmt.Sprintf("%s, version %v, inspect %v", name, v, inspect)
				if err != io.EOF {
					t.Errorf("%s: ended with %v", what, err)
				}
				compare(t, what, got, want)
				if v == wire.V31 && inspect && len(host.topics) == 0 {
					t.Errorf("%s: no subscription was heard", what)
				}
			}
		}
	}
}

// A stream that is cut anywhere gives the messages that are whole, and no part of
// another one.
func TestReaderOfEveryPrefix(t *testing.T) {
	var data []byte
	var want []msg.Msg
	var ends []int
	for i := range 6 {
		m := msg.NewString(strings.Repeat("x", i*60), "middle", fmt.Sprint(i))
		for p, f := range m.Frames {
			flags := byte(wire.FlagMore)
			if p == 2 {
				flags = 0
			}
			data = append(wire.AppendHeader(data, flags, len(f)), f...)
		}
		want, ends = append(want, m), append(ends, len(data))
	}
	for cut := range len(data) + 1 {
		whole := 0
		for whole < len(ends) && ends[whole] <= cut {
			whole++
		}
		_, got, _ := readAll(Config{}, wire.V31, data[:cut], func() int { return 50 })
		compare(t, fmt.Sprintf("cut at %d", cut), got, want[:whole])
	}
}

// What a peer claims is checked before it is awaited, as it came in 64 bits.
func TestReaderLimits(t *testing.T) {
	frame := func(flags byte, size uint64) []byte {
		return binary.BigEndian.AppendUint64([]byte{flags | wire.FlagLarge}, size)
	}
	body := func(flags byte, n int) []byte { return append(frame(flags, uint64(n)), make([]byte, n)...) }
	join := func(parts ...[]byte) (all []byte) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	const more = wire.FlagMore
	for _, tt := range []struct {
		name string
		cfg  Config
		data []byte
		ok   int // messages that get through before the refusal
	}{
		{"one too large", Config{MaxMsgSize: 100}, join(body(0, 100), frame(0, 101)), 1},
		{"absurd", Config{MaxMsgSize: 100}, frame(0, 1<<64-1), 0},
		{"absurd without a limit", Config{}, frame(0, 1<<64-1), 0},
		{"half of all memory", Config{}, frame(0, 1<<62), 0},
		{"together", Config{MaxMsgSize: 100}, join(body(more, 90), frame(0, 90)), 0},
		{"together, absurd", Config{MaxMsgSize: 100}, join(body(more, 90), frame(0, 1<<64-50)), 0},
		{"many empty frames", Config{MaxParts: 3}, join(body(more, 0), body(more, 0), body(0, 0), body(more, 0), body(more, 0), body(more, 0), frame(0, 0)), 1},
		{"a command", Config{}, frame(wire.FlagCommand, wire.MaxHandshakeCommand+1), 0},
	} {
		for _, inspect := range []bool{false, true} {
			tt.cfg.Inspect = inspect
			_, got, err := readAll(tt.cfg, wire.V31, tt.data, func() int { return 1 << 20 })
			if !errors.Is(err, ErrTooLarge) || len(got) != tt.ok {
				t.Errorf("%s, inspect %v: %d messages, %v", tt.name, inspect, len(got), err)
			}
		}
	}
	fits := join(body(more, 40), body(more, 30), body(0, 30))
	if _, got, err := readAll(Config{MaxMsgSize: 100, MaxParts: 3}, wire.V31, fits, func() int { return 9 }); len(got) != 1 {
		t.Errorf("a message that just fits: %v", err)
	}
}

// While the inbox is full nothing is read, and the reader goes on when there is
// room; stop ends its waiting.
func TestReaderWaitsForRoom(t *testing.T) {
	for _, inspect := range []wire.Version{wire.V31, wire.V1} {
		var data []byte
		for i := range 100 {
			f := fmt.Append(nil, i)
			if inspect == wire.V1 {
				data = append(wire.AppendHeader1(data, 0, len(f)), f...)
			} else {
				data = append(wire.AppendHeader(data, 0, len(f)), f...)
			}
		}
		host := &socket{}
		c := newConn(&Config{}, host, &stream{data: data, sizes: func() int { return 64 }}, "test")
		c.pipe, c.info, c.result = queue.New(host, queue.Limits{RecvHWM: 7}), &buf.Peer{}, wire.Result{Version: inspect}
		c.beat = newHeartbeat(c)
		ended := make(chan error, 1)
		go func() { ended <- newReader(c).run(nil) }()
		for i := range 60 {
			m, ok, resume := c.pipe.In.Next(0)
			for ; !ok; m, ok, resume = c.pipe.In.Next(0) {
				if resume {
					c.pipe.Resume()
				}
				time.Sleep(20 * time.Microsecond)
			}
			if resume {
				c.pipe.Resume()
			}
			if string(m.Frames[0]) != fmt.Sprint(i) {
				t.Fatalf("got %q, want %d", m.Frames[0], i)
			}
			if n := c.pipe.In.Len(); n > 7 {
				t.Fatalf("%d messages wait, the mark is 7", n)
			}
		}
		select {
		case err := <-ended:
			t.Fatalf("ended with a full inbox: %v", err)
		case <-time.After(time.Millisecond):
		}
		c.stop(ErrClosed)
		if err := <-ended; !errors.Is(err, ErrClosed) {
			t.Errorf("ended with %v", err)
		}
	}
}

// Nothing that a peer sends after the handshake brings the reader down, and what
// it delivers is whole.
func FuzzReader(f *testing.F) {
	for _, v := range []wire.Version{wire.V1, wire.V31} {
		data, _ := traffic(v)
		f.Add(data[:2000], byte(v), byte(3))
	}
	f.Add([]byte{0, 3, 'a', 'b', 'c', 4, 5, 4, 'P', 'I', 'N', 'G', 1, 0, 0, 1, 'x'}, byte(wire.V31), byte(1))
	f.Fuzz(func(t *testing.T, data []byte, version, piece byte) {
		v := wire.V1 + wire.Version(version)%4
		cfg := Config{MaxMsgSize: 1 << 16, MaxParts: 100}
		_, whole, _ := readAll(cfg, v, data, func() int { return 1 << 20 })
		_, pieces, _ := readAll(cfg, v, data, func() int { return 1 + int(piece) })
		compare(t, "in pieces", pieces, whole)
		cfg.Inspect = true
		_, seen, _ := readAll(cfg, v, data, func() int { return 1 + int(piece) })
		compare(t, "inspected", seen, whole)
	})
}
