package role

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/go-zactor/zactor/bench/internal/job"
)

// The floor: Go's own connections with nothing on top but a length before each
// message, buffers of 64 KiB, and one goroutine a side.

const rawBuffer = 64 << 10

// rawListen binds a tcp or ipc endpoint, tells it, and takes one connection.
func rawListen(j *job.Job) (net.Conn, error) {
	network, address, err := rawAddress(j.Endpoint)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if network == "tcp" {
		address = l.Addr().String()
	}
	j.Ready(strings.SplitAfter(j.Endpoint, "://")[0] + address)
	return l.Accept()
}

func rawDial(endpoint string) (net.Conn, error) {
	network, address, err := rawAddress(endpoint)
	if err != nil {
		return nil, err
	}
	return net.Dial(network, address)
}

func rawAddress(endpoint string) (network, address string, err error) {
	scheme, rest, _ := strings.Cut(endpoint, "://")
	switch scheme {
	case "tcp":
		return "tcp", strings.Replace(rest, ":*", ":0", 1), nil
	case "ipc":
		return "unix", rest, nil
	}
	return "", "", fmt.Errorf("no raw connection for %q", endpoint)
}

func rawReceive(j *job.Job) error {
	c, err := rawListen(j)
	if err != nil {
		return err
	}
	defer c.Close()
	r := bufio.NewReaderSize(c, rawBuffer)
	buf := make([]byte, j.Size)
	if err := j.OneWay(func() error { return readFrame(r, buf) }); err != nil {
		return err
	}
	return j.Hold()
}

func rawSend(j *job.Job) error {
	c, err := rawDial(j.Endpoint)
	if err != nil {
		return err
	}
	defer c.Close()
	w := bufio.NewWriterSize(c, rawBuffer)
	buf := make([]byte, j.Size)
	for range j.Total() {
		if err := writeFrame(w, buf); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return j.Hold()
}

// readFrame fills buf with the next message, which must be of its size.
func readFrame(r *bufio.Reader, buf []byte) error {
	head, err := r.Peek(4)
	if err != nil {
		return err
	}
	if n := binary.BigEndian.Uint32(head); n != uint32(len(buf)) {
		return fmt.Errorf("message of %d bytes, want %d", n, len(buf))
	}
	if _, err := r.Discard(4); err != nil {
		return err
	}
	_, err = io.ReadFull(r, buf)
	return err
}

func writeFrame(w *bufio.Writer, buf []byte) error {
	head := binary.BigEndian.AppendUint32(w.AvailableBuffer(), uint32(len(buf)))
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(buf)
	return err
}

func rawReply(j *job.Job) error {
	c, err := rawListen(j)
	if err != nil {
		return err
	}
	defer c.Close()
	buf := make([]byte, j.Size)
	for range j.Total() {
		if err := pong(c, buf); err != nil {
			return err
		}
	}
	return j.Hold()
}

func pong(c net.Conn, buf []byte) error {
	if _, err := io.ReadFull(c, buf); err != nil {
		return err
	}
	_, err := c.Write(buf)
	return err
}

// rawAsk writes and reads in one goroutine: the least that a round trip can cost.
func rawAsk(j *job.Job) error {
	c, err := rawDial(j.Endpoint)
	if err != nil {
		return err
	}
	defer c.Close()
	buf := make([]byte, j.Size)
	err = j.RoundTrips(func() error {
		if _, err := c.Write(buf); err != nil {
			return err
		}
		_, err := io.ReadFull(c, buf)
		return err
	})
	if err != nil {
		return err
	}
	return j.Hold()
}

// rawAskThroughReader has a goroutine that reads, as any socket that answers to
// many peers must, and so one hop more.
func rawAskThroughReader(j *job.Job) error {
	c, err := rawDial(j.Endpoint)
	if err != nil {
		return err
	}
	arrived := make(chan error)
	go func() {
		buf := make([]byte, j.Size)
		for {
			_, err := io.ReadFull(c, buf)
			arrived <- err
			if err != nil {
				return
			}
		}
	}()
	buf := make([]byte, j.Size)
	err = j.RoundTrips(func() error {
		if _, err := c.Write(buf); err != nil {
			return err
		}
		return <-arrived
	})
	if err == nil {
		err = j.Hold()
	}
	c.Close()
	<-arrived
	return err
}
