package role

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/go-zactor/zactor/bench/internal/job"
)

// nats: the process that binds has an embedded server, and is a client of it over
// tcp, as the other process is. So a message takes two connections. Limits that
// would lose messages are lifted: queues are as long as they get.

const subject = "b"

// natsServe starts the server, and a client of it.
func natsServe() (*server.Server, *nats.Conn, error) {
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
		MaxPayload: 8 << 20, MaxPending: 2 << 30, WriteDeadline: time.Minute,
	})
	if err != nil {
		return nil, nil, err
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		return nil, nil, errors.New("nats-server is not ready")
	}
	c, err := nats.Connect(s.ClientURL())
	return s, c, err
}

// natsSubscribe calls fn with each message; when it returns, none is missed.
func natsSubscribe(c *nats.Conn, fn func(*nats.Msg)) error {
	sub, err := c.Subscribe(subject, fn)
	if err != nil {
		return err
	}
	if err := sub.SetPendingLimits(-1, -1); err != nil {
		return err
	}
	return c.Flush()
}

func natsReceive(j *job.Job) error {
	s, c, err := natsServe()
	if err != nil {
		return err
	}
	defer s.Shutdown()
	defer c.Close()
	arrived, told := j.Arrivals()
	if err := natsSubscribe(c, func(m *nats.Msg) {
		if len(m.Data) == j.Size {
			arrived()
		}
	}); err != nil {
		return err
	}
	j.Ready(s.ClientURL())
	<-told
	return j.Hold()
}

func natsSend(j *job.Job) error {
	c, err := nats.Connect(j.Endpoint)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := natsPublish(c, j, j.Total()); err != nil {
		return err
	}
	return j.Hold()
}

func natsPublish(c *nats.Conn, j *job.Job, n int) error {
	buf := make([]byte, j.Size)
	for range n {
		if err := c.Publish(subject, buf); err != nil {
			return err
		}
	}
	return c.Flush()
}

func natsReply(j *job.Job) error {
	s, c, err := natsServe()
	if err != nil {
		return err
	}
	defer s.Shutdown()
	defer c.Close()
	if err := natsSubscribe(c, func(m *nats.Msg) { _ = m.Respond(m.Data) }); err != nil {
		return err
	}
	j.Ready(s.ClientURL())
	return j.Hold()
}

func natsAsk(j *job.Job) error {
	c, err := nats.Connect(j.Endpoint)
	if err != nil {
		return err
	}
	defer c.Close()
	buf := make([]byte, j.Size)
	if err := j.RoundTrips(func() error {
		_, err := c.Request(subject, buf, 10*time.Second)
		return err
	}); err != nil {
		return err
	}
	return j.Hold()
}

// natsFanOut publishes, from a client in the server's process, when all
// subscribers are there.
func natsFanOut(j *job.Job) error {
	s, c, err := natsServe()
	if err != nil {
		return err
	}
	defer s.Shutdown()
	defer c.Close()
	before := s.NumSubscriptions()
	j.Ready(s.ClientURL())
	for deadline := time.Now().Add(30 * time.Second); s.NumSubscriptions() < before+uint32(j.Peers); {
		if time.Now().After(deadline) {
			return fmt.Errorf("%d subscriptions of %d", s.NumSubscriptions()-before, j.Peers)
		}
		time.Sleep(time.Millisecond)
	}
	if err := natsPublish(c, j, j.N); err != nil {
		return err
	}
	return j.Hold()
}

// natsSink is the sink in nats' words. The server's first PING comes after two
// seconds; its six bytes are counted with the others, and change nothing.
func natsSink(j *job.Job) error {
	u, err := url.Parse(j.Endpoint)
	if err != nil {
		return err
	}
	conns := make([]net.Conn, 0, j.Peers)
	defer func() { closeAll(conns) }()
	for range j.Peers {
		c, err := net.Dial("tcp", u.Host)
		if err != nil {
			return err
		}
		conns = append(conns, c)
		if err := natsHello(c); err != nil {
			return err
		}
	}
	return drainAll(j, conns, len(fmt.Sprintf("MSG %s 1 %d\r\n\r\n", subject, j.Size))+j.Size)
}

// natsHello subscribes, and reads up to the server's answer to the PING behind it.
func natsHello(c net.Conn) error {
	if _, err := fmt.Fprintf(c, "CONNECT {\"verbose\":false}\r\nSUB %s 1\r\nPING\r\n", subject); err != nil {
		return err
	}
	var said strings.Builder
	for one := make([]byte, 1); !strings.HasSuffix(said.String(), "PONG\r\n"); {
		if _, err := io.ReadFull(c, one); err != nil {
			return fmt.Errorf("after %q: %w", said.String(), err)
		}
		said.Write(one)
	}
	return nil
}
