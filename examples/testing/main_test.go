package main

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// No test may leave a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const at = "tcp://10.0.0.1:5555" // any address will do: nothing is bound on this machine

// host runs the program on a host of the network, until stop is called, which is Ctrl-C.
func host(t *testing.T, network *zmqtest.Network, ip string, out io.Writer, args ...string) (stop func()) {
	zctx := zmq.NewContext(context.Background(), zmq.WithNetwork(network.Host(ip)))
	ctx, cancel := context.WithCancel(zctx)
	ended := make(chan error)
	go func() { ended <- run(ctx, out, args) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("%q ended with %v", args, err)
		}
		zctx.Close()
	}
}

// lines is what a program prints.
type lines struct {
	mu  sync.Mutex
	all strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

// take returns what was printed since the last call.
func (l *lines) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.all.Reset()
	return l.all.String()
}

func TestSensors(t *testing.T) {
	seed := zmqtest.Seed(t)               // ZACTOR_SEED=n repeats a run that has failed
	synctest.Test(t, func(t *testing.T) { // a second passes when all wait for it
		network := zmqtest.NewNetwork(seed, zmqtest.Faults{Delay: 30 * time.Millisecond, Jitter: 300 * time.Millisecond, Slice: 7})
		var out lines
		expect := func(after time.Duration, want string) {
			t.Helper()
			time.Sleep(after)
			if got := out.take(); got != want {
				t.Errorf("printed %q, not %q", got, want)
			}
		}
		defer host(t, network, "10.0.0.1", &out, "watch", at)()
		defer host(t, network, "10.0.0.2", io.Discard, "sensor", "kitchen", at)()
		expect(5*time.Second, "kitchen is there\n")
		stop := host(t, network, "10.0.0.3", io.Discard, "sensor", "cellar", at)
		expect(5*time.Second, "cellar is there\n")
		expect(5*time.Minute, "")

		network.Partition("10.0.0.3") // the cable of one host is pulled: nobody is told
		expect(8*time.Second, "")
		expect(5*time.Second, "cellar is missed\n")
		expect(2*time.Minute, "")
		network.Heal()
		expect(30*time.Second, "cellar is there\n")

		if network.Reset() == 0 { // all connections break: they come back by themselves
			t.Error("there were no connections")
		}
		expect(30*time.Second, "")
		stop()
		expect(30*time.Second, "cellar is missed\n")
	})
}
