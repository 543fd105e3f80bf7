// Command soak lets sockets work for as long as it is told, over all transports: senders
// come and go, their connections are cut, the receivers are started again, and a durable
// subscriber is cut off again and again. It prints a line a minute. At the end it ends with
// status 1, and says why, when the books do not balance, or when memory, descriptors or
// goroutines have not come back.
//
//	go run ./internal/soak -for 10h
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// soak is what all lines share.
type soak struct {
	dir     string
	running sync.WaitGroup

	accepted, delivered, lost, unsent, cuts, missed atomic.Uint64

	faults struct {
		sync.Mutex
		list []string
		n    int
	}
}

// fault notes what must not be.
func (s *soak) fault(format string, args ...any) {
	s.faults.Lock()
	defer s.faults.Unlock()
	if s.faults.n++; len(s.faults.list) < 20 {
		s.faults.list = append(s.faults.list, fmt.Sprintf(format, args...))
	}
}

func main() {
	length := flag.Duration("for", 3*time.Minute, "how long it lasts")
	senders := flag.Int("senders", 3, "of each transport")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *length)
	defer cancel()
	if err := run(ctx, *senders); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, senders int) error {
	dir, err := os.MkdirTemp("", "soak")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	before := take()
	s := &soak{dir: dir}
	all, end := context.WithCancel(context.Background())
	lines, err := s.lines()
	if err != nil {
		end()
		return err
	}
	for _, l := range lines {
		if err := l.start(all); err != nil {
			end()
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	var working sync.WaitGroup
	for i, l := range lines {
		for n := range senders {
			working.Go(func() { l.work(ctx, uint32(i<<28|n<<20)) })
		}
		working.Go(func() { l.restarting(ctx) })
		if l.relayed {
			working.Go(func() { l.durable(ctx) })
		}
	}
	over := make(chan struct{})
	go func() { working.Wait(); close(over) }()
	s.report(over, before)
	for _, l := range lines {
		_ = l.pull.Close()
	}
	end()
	s.running.Wait()
	return s.verdict(before)
}

// lines are the transports.
func (s *soak) lines() ([]*line, error) {
	own, err := cert.New()
	if err != nil {
		return nil, err
	}
	client, err := cert.New()
	if err != nil {
		return nil, err
	}
	curve := []zmq.Option{zmq.WithCurveServer(own), zmq.WithAllowAnyKey(true)}
	list := []*line{
		{name: "tcp", endpoint: "tcp://127.0.0.1:*", relayed: true},
		{name: "ipc", endpoint: "ipc://" + s.dir + "/pull", relayed: true},
		{name: "ws", endpoint: "ws://127.0.0.1:*", relayed: true},
		{name: "curve", endpoint: "tcp://127.0.0.1:*", relayed: true, server: curve,
			client: []zmq.Option{zmq.WithCurveClient(client, own.Public())}},
		{name: "inproc", endpoint: "inproc://soak"},
	}
	for _, l := range list {
		l.soak, l.books = s, map[uint32]*account{}
	}
	return list, nil
}

// work is one sender after another.
func (l *line) work(ctx context.Context, id uint32) {
	for ; ctx.Err() == nil; id++ {
		// A sender outlives ctx by what its books need.
		if err := l.send(context.WithoutCancel(ctx), id); err != nil {
			l.fault("%s: sender %d: %v", l.name, id, err)
			return
		}
	}
}

// restarting starts the receiver again every now and then.
func (l *line) restarting(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(20 * time.Second):
			l.restart(context.WithoutCancel(ctx))
		}
	}
}

// usage is what the process has.
type usage struct {
	heap, goroutines, files int
}

func take() usage {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u := usage{heap: int(m.HeapInuse + m.StackInuse), goroutines: runtime.NumGoroutine()}
	list, _ := os.ReadDir("/proc/self/fd") // none on other systems
	u.files = len(list)
	return u
}

func (u usage) String() string {
	return fmt.Sprintf("%d KiB, %d goroutines, %d descriptors", u.heap>>10, u.goroutines, u.files)
}

// report prints a line a minute until all is over.
func (s *soak) report(over <-chan struct{}, before usage) {
	begin := time.Now()
	fmt.Printf("at the start: %v\n", before)
	for {
		select {
		case <-over:
			return
		case <-time.After(time.Minute):
		}
		fmt.Printf("%v: %s; %v\n", time.Since(begin).Round(time.Second), s.counts(), take())
	}
}

func (s *soak) counts() string {
	s.faults.Lock()
	defer s.faults.Unlock()
	return fmt.Sprintf("%d accepted, %d delivered, %d lost with %d cuts, %d reported unsent, %d reported missed, %d faults",
		s.accepted.Load(), s.delivered.Load(), s.lost.Load(), s.cuts.Load(), s.unsent.Load(), s.missed.Load(), s.faults.n)
}

// verdict compares what is left with what was there.
func (s *soak) verdict(before usage) error {
	after := take()
	for end := time.Now().Add(30 * time.Second); after.goroutines > before.goroutines || after.files > before.files; after = take() {
		if time.Now().After(end) {
			s.fault("at the start: %v; at the end: %v", before, after)
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if after.heap > before.heap+16<<20 {
		s.fault("memory did not come back: %v, now %v", before, after)
	}
	fmt.Printf("the end: %s; %v\n", s.counts(), after)
	for _, f := range s.faults.list {
		fmt.Println("fault:", f)
	}
	if s.faults.n > 0 {
		return fmt.Errorf("%d faults", s.faults.n)
	}
	return nil
}
