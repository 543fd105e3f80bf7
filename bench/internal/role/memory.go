package role

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/bench/internal/job"
	"github.com/go-zactor/zactor/zmq"
)

// Peers at rest: what a process keeps resident for each, and the CPU time it takes
// while nothing happens. A peer has done its handshake and sent one message.

// residentBytes is what this process has of the machine's memory, after it gave
// back what it can: the C program calls malloc_trim.
func residentBytes() float64 {
	runtime.GC()
	debug.FreeOSMemory()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident int
	fmt.Sscan(string(statm), &size, &resident)
	return float64(resident) * float64(os.Getpagesize())
}

// restFor is how long peers are watched at rest: half a second, if there are many.
func restFor(j *job.Job) time.Duration {
	return min(500*time.Millisecond, time.Duration(j.Peers)*time.Millisecond)
}

// restingCPU is the CPU time a second, in nanoseconds, while nothing happens.
func restingCPU(j *job.Job) float64 {
	before := processCPU()
	time.Sleep(restFor(j))
	return float64(processCPU()-before) / restFor(j).Seconds()
}

func processCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// tellResting tells what the peers take that came since base was measured.
func tellResting(j *job.Job, base float64, elapsed time.Duration) {
	time.Sleep(restFor(j) / 5) // whoever is still busy with the last ones
	bytes := residentBytes() - base
	j.Tell(j.Peers, elapsed, job.Figure{Name: "bytes", Value: bytes}, job.Figure{Name: "rest", Value: restingCPU(j)})
}

func routerIdle(j *job.Job) error     { return routerAtRest(j, j.Peers) }
func routerHalfOpen(j *job.Job) error { return routerAtRest(j, 1) }

// routerAtRest measures when so many messages have come.
func routerAtRest(j *job.Job, messages int) error {
	return serveResident(j, zmq.NewRouter, func(ctx context.Context, s *zmq.Socket, base float64) error {
		start := time.Now()
		for range messages {
			m, err := s.Recv(ctx)
			if err != nil {
				return err
			}
			m.Release()
		}
		tellResting(j, base, time.Since(start))
		return nil
	})
}

func rawIdle(j *job.Job) error     { return rawAtRest(j, j.Peers) }
func rawHalfOpen(j *job.Job) error { return rawAtRest(j, 1) }

// rawAtRest has one goroutine a connection, and no buffer for it.
func rawAtRest(j *job.Job, messages int) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	base := residentBytes()
	arrived := make(chan struct{})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go rawPeer(c, arrived)
		}
	}()
	j.Ready("tcp://" + l.Addr().String())
	start := time.Now()
	for range messages {
		<-arrived
	}
	tellResting(j, base, time.Since(start))
	return j.Hold()
}

// rawPeer reads one message after another, byte by byte, until the peer leaves.
func rawPeer(c net.Conn, arrived chan<- struct{}) {
	defer c.Close()
	if handshake(c, "ROUTER") != nil {
		return
	}
	for b := make([]byte, len(oneMessage)); ; {
		if _, err := io.ReadFull(c, b); err != nil {
			return
		}
		arrived <- struct{}{}
	}
}

// oneMessage is what each peer says before it rests.
var oneMessage = appendFrame(nil, []byte{'x'})

// idlePeers are the partners of the servers above.
func idlePeers(j *job.Job) error {
	conns, err := dialPeers(j.Endpoint, j.Peers, "DEALER")
	defer closeAll(conns)
	if err != nil {
		return err
	}
	for _, c := range conns {
		if _, err := c.Write(oneMessage); err != nil {
			return err
		}
	}
	return j.Hold()
}

// halfOpenPeers connect, are greeted, and say nothing; then one more comes that does.
func halfOpenPeers(j *job.Job) error {
	conns := make([]net.Conn, 0, j.Peers)
	defer func() { closeAll(conns) }()
	for range j.Peers {
		c, err := net.Dial("tcp", strings.TrimPrefix(j.Endpoint, "tcp://"))
		if err != nil {
			return err
		}
		conns = append(conns, c)
		c.SetReadDeadline(time.Now().Add(time.Second))
		_, _ = c.Read(make([]byte, 1)) // it has been accepted, or turned away
	}
	time.Sleep(restFor(j)) // the time that a listener may take to defend itself
	last, err := dialPeer(j.Endpoint, "DEALER")
	if err != nil {
		return err
	}
	defer last.Close()
	if _, err := last.Write(oneMessage); err != nil {
		return err
	}
	fmt.Printf("RESULT held=%d\n", stillOpen(conns))
	return j.Hold()
}

// stillOpen counts the connections that the other side has not closed.
func stillOpen(conns []net.Conn) int {
	var open atomic.Int64
	var wg sync.WaitGroup
	for _, c := range conns {
		wg.Go(func() {
			c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
				open.Add(1)
			}
		})
	}
	wg.Wait()
	return int(open.Load())
}
