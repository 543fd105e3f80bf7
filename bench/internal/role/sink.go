package role

import (
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/go-zactor/zactor/bench/internal/job"
)

// The sink is N subscribers that count bytes. It is the same for every publisher,
// so that only the publisher is measured.

// subscribeAll is the message by which ZMTP 3.0 subscribes to the empty prefix.
var subscribeAll = []byte{0x00, 0x01, 0x01}

// fanOutSink connects all subscribers and measures from the first byte that
// any of them gets to the last that all of them must get.
func fanOutSink(j *job.Job) error {
	conns, err := dialPeers(j.Endpoint, j.Peers, "SUB")
	defer closeAll(conns)
	if err != nil {
		return err
	}
	for _, c := range conns {
		if _, err := c.Write(subscribeAll); err != nil {
			return err
		}
	}
	return drainAll(j, conns, frameBytes(j.Size))
}

// drainAll reads all messages, of so many bytes each, and tells the deliveries.
func drainAll(j *job.Job, conns []net.Conn, each int) error {
	elapsed, err := drain(conns, int64(j.N)*int64(each))
	if err != nil {
		return err
	}
	j.Tell(j.N*j.Peers, elapsed)
	return j.Hold()
}

// drain reads so many bytes from each connection, all of them at once.
func drain(conns []net.Conn, each int64) (time.Duration, error) {
	begun := make([]time.Time, len(conns))
	errs := make([]error, len(conns))
	size := min(256<<10, 16<<20/len(conns))
	var wg sync.WaitGroup
	for i, c := range conns {
		wg.Go(func() { begun[i], errs[i] = drainOne(c, each, size) })
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

func drainOne(c net.Conn, want int64, bufferSize int) (begun time.Time, err error) {
	buf := make([]byte, bufferSize)
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
