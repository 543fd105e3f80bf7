package zmq_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmq"
)

// A server that may have 64 descriptors, and is dialled 500 times, does next to nothing until
// some are free; then it serves.
func TestOutOfDescriptors(t *testing.T) {
	k := newKit(t, "tcp")
	endpoint := proc.TCP(t, 1)[0]
	server, ask := proc.Typed(t, "starved", endpoint)
	server.Expect("^bound")
	var crowd []net.Conn
	for range 500 {
		c, err := net.Dial("tcp", strings.TrimPrefix(endpoint, "tcp://"))
		k.ok(err)
		defer c.Close()
		crowd = append(crowd, c)
	}
	server.Expect("^starved")
	used := func() (cpu time.Duration) {
		_, err := fmt.Fprintln(ask, "cpu")
		k.ok(err)
		_, err = fmt.Sscan(server.Expect(`^cpu (\d+)`)[1], &cpu)
		k.ok(err)
		return cpu
	}
	before, from := used(), time.Now()
	time.Sleep(time.Second) // it is what the server does meanwhile that counts
	share := float64(used()-before) / float64(time.Since(from))
	if most := 0.05; share > most && !ztest.Race {
		t.Errorf("a server without descriptors takes %.1f %% of a processor, %.1f are allowed", 100*share, 100*most)
	}
	for _, c := range crowd {
		_ = c.Close()
	}
	freed := time.Now()
	client := k.open(zmq.Req)
	k.ok(client.Connect(endpoint))
	k.send(client, "hello")
	k.want(client, "hello")
	ztest.Record(t, "A9", "64 descriptors, 500 dials", "%.2f %% of a processor meanwhile; a newcomer is answered %v after they have gone",
		100*share, time.Since(freed).Round(time.Millisecond))
}

// starvedServer answers with few descriptors, and tells what processor time it has used.
func starvedServer(endpoint string) {
	if err := serveStarved(endpoint); err != nil {
		fmt.Println("starved server:", err)
		os.Exit(1)
	}
}

func serveStarved(endpoint string) error {
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 64, Max: 64}); err != nil {
		return err
	}
	ctx := context.Background()
	s, err := zmq.NewRep(ctx)
	if err != nil {
		return err
	}
	go func() {
		told := false
		for e := range s.Events(ctx) {
			if e.Kind == zmq.EventAcceptFailed && !told {
				told = true
				fmt.Println("starved")
			}
		}
	}()
	if _, err := s.Bind(endpoint); err != nil {
		return err
	}
	fmt.Println("bound")
	go func() {
		for m, err := range s.Messages(ctx) {
			if err != nil || s.Send(ctx, m) != nil {
				return
			}
		}
	}()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var u unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
			return err
		}
		fmt.Println("cpu", u.Utime.Nano()+u.Stime.Nano())
	}
	return nil
}
