package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// The sink is N subscribers that cost next to nothing: they speak just enough
// ZMTP to subscribe to everything, and count bytes from then on. It is the same
// for every publisher, so that only the publisher is measured.

// greeting opens ZMTP 3.0 with the NULL mechanism.
func greeting() []byte {
	g := slices.Concat([]byte{0xFF}, make([]byte, 8), []byte{0x7F, 3, 0}, []byte("NULL"))
	return append(g, make([]byte, 64-len(g))...)
}

// readySub is a READY command of a SUB socket, and subscribeAll the message by
// which ZMTP 3.0 subscribes to the empty prefix.
var (
	readySub     = []byte("\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB")
	subscribeAll = []byte{0x00, 0x01, 0x01}
)

// frameBytes is the size on the wire of a frame with this many bytes of payload.
func frameBytes(payload int) int {
	if payload > 255 {
		return 9 + payload
	}
	return 2 + payload
}

// fanOutSink connects all subscribers and measures from the first byte that
// any of them gets to the last that all of them must get.
func fanOutSink(j *job) error {
	conns := make([]net.Conn, j.peers)
	for i := range conns {
		c, err := net.Dial("tcp", strings.TrimPrefix(j.endpoint, "tcp://"))
		if err != nil {
			return err
		}
		defer c.Close()
		if err := subscribe(c); err != nil {
			return err
		}
		conns[i] = c
	}
	elapsed, err := drain(conns, int64(j.n)*int64(frameBytes(j.size)))
	if err != nil {
		return err
	}
	deliveries := *j
	deliveries.n *= j.peers
	deliveries.rate(elapsed)
	return j.hold()
}

// subscribe does a handshake and subscribes to everything. A message must wait
// for the peer's READY: libzmq hangs up on one that comes before.
func subscribe(c net.Conn) error {
	if _, err := c.Write(slices.Concat(greeting(), readySub)); err != nil {
		return err
	}
	var theirs [64]byte
	if _, err := io.ReadFull(c, theirs[:]); err != nil {
		return err
	}
	if err := skipReady(c); err != nil {
		return err
	}
	_, err := c.Write(subscribeAll)
	return err
}

// skipReady reads the publisher's READY, which fits a short frame.
func skipReady(c net.Conn) error {
	var head [2]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return err
	}
	body := make([]byte, head[1])
	if _, err := io.ReadFull(c, body); err != nil {
		return err
	}
	if head[0] != 0x04 || !bytes.HasPrefix(body, []byte("\x05READY")) {
		return fmt.Errorf("the publisher said % x %q instead of READY", head, body)
	}
	return nil
}

// drain reads so many bytes from each connection, all of them at once.
func drain(conns []net.Conn, each int64) (time.Duration, error) {
	begun := make([]time.Time, len(conns))
	errs := make([]error, len(conns))
	var wg sync.WaitGroup
	for i, c := range conns {
		wg.Go(func() { begun[i], errs[i] = drainOne(c, each) })
	}
	wg.Wait()
	end := time.Now()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return end.Sub(slices.MinFunc(begun, time.Time.Compare)), nil
}

func drainOne(c net.Conn, want int64) (begun time.Time, err error) {
	buf := make([]byte, 256<<10)
	for got := int64(0); got < want; {
		n, err := c.Read(buf)
		if err != nil {
			return begun, fmt.Errorf("after %d of %d bytes: %w", got, want, err)
		}
		if got == 0 {
			begun = time.Now()
		}
		got += int64(n)
	}
	return begun, nil
}
