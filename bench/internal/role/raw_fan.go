package role

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/bench/internal/job"
)

// rawPeers takes all connections of a job.
func rawPeers(j *job.Job, socketType string) ([]net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return rawAccept(j, l, j.Peers, socketType)
}

// rawAccept tells where a listener is, takes so many connections, each with its
// handshake done, and closes it.
func rawAccept(j *job.Job, l net.Listener, n int, socketType string) ([]net.Conn, error) {
	defer l.Close()
	j.Ready("tcp://" + l.Addr().String())
	conns := make([]net.Conn, 0, n)
	for range n {
		c, err := l.Accept()
		if err != nil {
			return conns, err
		}
		conns = append(conns, c)
		if err := handshake(c, socketType); err != nil {
			return conns, err
		}
	}
	return conns, nil
}

// rawFanOut encodes each message once into a block, and writes each block to one
// connection after the other.
func rawFanOut(j *job.Job) error {
	conns, err := rawPeers(j, "PUB")
	defer closeAll(conns)
	if err != nil {
		return err
	}
	for _, c := range conns {
		if _, err := io.ReadFull(c, make([]byte, len(subscribeAll))); err != nil {
			return err
		}
	}
	payload, block := make([]byte, j.Size), make([]byte, 0, rawBuffer)
	for range j.N {
		if len(block)+frameBytes(j.Size) > cap(block) {
			if err := writeEach(conns, block); err != nil {
				return err
			}
			block = block[:0]
		}
		block = appendFrame(block, payload)
	}
	if err := writeEach(conns, block); err != nil {
		return err
	}
	return j.Hold()
}

func writeEach(conns []net.Conn, block []byte) error {
	for _, c := range conns {
		if _, err := c.Write(block); err != nil {
			return err
		}
	}
	return nil
}

// rawFanIn counts the messages of each connection where they arrive, and merges
// nothing but their number.
func rawFanIn(j *job.Job) error {
	conns, err := rawPeers(j, "PULL")
	defer closeAll(conns)
	if err != nil {
		return err
	}
	f := &fanInCount{warm: int64(j.WarmUp()), total: int64(j.Total()), batch: int64(min(j.WarmUp(), sourceBatch)),
		each: make([]atomic.Int64, len(conns)), done: make(chan struct{})}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer closeAll(conns) // ends what is waited for
	for i, c := range conns {
		wg.Go(func() { f.count(c, i, j.Size) })
	}
	<-f.done
	n, got := f.measured()
	j.Tell(n, f.end.at.Sub(f.begin.at), job.Figure{Name: "all", Value: float64(f.total)}, got.slowest(n))
	return j.Hold()
}

// fanInCount is how much has come, in all and of each sender.
type fanInCount struct {
	warm, total int64
	batch       int64 // how many are added up before all are told
	n           atomic.Int64
	warmed      atomic.Bool
	each        []atomic.Int64
	begin, end  fanInMark // each written by who passes it, before done is closed
	done        chan struct{}
}

// fanInMark is how much had come from each at one time.
type fanInMark struct {
	at  time.Time
	got shares
}

func (f *fanInCount) mark() fanInMark {
	m := fanInMark{time.Now(), make(shares, len(f.each))}
	for i := range f.each {
		m.got[i] = int(f.each[i].Load())
	}
	return m
}

// measured is what came between the two marks.
func (f *fanInCount) measured() (n int, got shares) {
	for i, end := range f.end.got {
		got = append(got, end-f.begin.got[i])
		n += got[i]
	}
	return n, got
}

// count reads messages until the connection ends, and adds them up by the batch.
func (f *fanInCount) count(c net.Conn, i, size int) {
	r := bufio.NewReaderSize(c, rawBuffer)
	frame := make([]byte, frameBytes(size))
	for {
		n := int64(0)
		for n == 0 || n < f.batch && r.Buffered() >= len(frame) {
			if _, err := io.ReadFull(r, frame); err != nil {
				return
			}
			if binary.LittleEndian.Uint32(frame[len(frame)-size:]) >= uint32(len(f.each)) {
				return
			}
			n++
		}
		f.each[i].Add(n)
		f.add(n)
	}
}

// add notes when warm and total are passed.
func (f *fanInCount) add(n int64) {
	now := f.n.Add(n)
	if now >= f.warm && now-n < f.warm {
		f.begin = f.mark()
		f.warmed.Store(true)
	}
	if now >= f.total && now-n < f.total {
		for !f.warmed.Load() { // another is at it
			runtime.Gosched()
		}
		f.end = f.mark()
		close(f.done)
	}
}
