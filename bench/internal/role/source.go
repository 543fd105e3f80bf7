package role

import (
	"encoding/binary"
	"net"
	"sync"

	"github.com/go-zactor/zactor/bench/internal/job"
)

// sourceBatch is how many messages a sender of the fan-in writes at a time.
const sourceBatch = 64

// fanInSource is N senders that never stop. Each message begins with the number
// of its sender, for the receiver to count who gets how much of it. Where they are
// many, each has little in the kernel: else the receiver would see one after the
// other, and only in the long run all of them.
func fanInSource(j *job.Job) error {
	conns, err := dialPeers(j.Endpoint, j.Peers, "PUSH")
	defer closeAll(conns)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for i, c := range conns {
		if err := c.(*net.TCPConn).SetWriteBuffer(max(64<<10, 4<<20/len(conns))); err != nil {
			return err
		}
		block := sourceBlock(i, j.Size)
		wg.Go(func() {
			for err := error(nil); err == nil; { // until the receiver has enough and goes
				_, err = c.Write(block)
			}
		})
	}
	err = j.Hold()
	closeAll(conns)
	wg.Wait()
	return err
}

func sourceBlock(sender, size int) []byte {
	payload := make([]byte, size)
	binary.LittleEndian.PutUint32(payload, uint32(sender))
	var block []byte
	for range sourceBatch {
		block = appendFrame(block, payload)
	}
	return block
}

// shares counts the messages of each sender.
type shares []int

// slowest is what the slowest sender got of the mean, from 0 to 1.
func (s shares) slowest(n int) job.Figure {
	least := n
	for _, got := range s {
		least = min(least, got)
	}
	return job.Figure{Name: "slowest", Value: float64(least) * float64(len(s)) / float64(n)}
}
