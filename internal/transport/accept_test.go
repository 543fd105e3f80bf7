package transport

import (
	"context"
	"errors"
	"net"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
)

// deaf is a Listener that fails as one without descriptors does, until it is
// given a connection. It notes when it was asked.
type deaf struct {
	err    error
	mu     sync.Mutex
	asked  []time.Time
	conns  []net.Conn
	closed bool
}

func (d *deaf) Accept() (net.Conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, &net.OpError{Op: "accept", Err: net.ErrClosed}
	}
	if len(d.conns) > 0 {
		c := d.conns[0]
		d.conns = d.conns[1:]
		return c, nil
	}
	d.asked = append(d.asked, time.Now())
	return nil, d.err
}

func (d *deaf) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	return nil
}

func (d *deaf) Endpoint() string { return "tcp://deaf:1" }

func (d *deaf) offer(c net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conns = append(d.conns, c)
}

// pauses is the time between one failure and the next.
func (d *deaf) pauses() (all []time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := 1; i < len(d.asked); i++ {
		all = append(all, d.asked[i].Sub(d.asked[i-1]))
	}
	return all
}

func TestAcceptBacksOff(t *testing.T) {
	for _, errno := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ECONNABORTED, errors.New("odd")} {
		synctest.Test(t, func(t *testing.T) { backsOff(t, errno) })
	}
}

func backsOff(t *testing.T, errno error) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := &deaf{err: &net.OpError{Op: "accept", Err: errno}}
	conns, ended := make(chan net.Conn, 1), make(chan struct{})
	go func() {
		defer close(ended)
		AcceptLoop(ctx, l, func(c net.Conn) { conns <- c }, func(err error) {
			if !errors.Is(err, errno) {
				t.Errorf("onError heard %v", err)
			}
		})
	}()
	time.Sleep(20 * time.Second)
	synctest.Wait()
	pauses := l.pauses()
	for i, want := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000} {
		if pauses[i] != want*time.Millisecond {
			t.Fatalf("pause %d was %v, want %d ms", i, pauses[i], want)
		}
	}
	if len(pauses) > 30 {
		t.Errorf("%d attempts in 20 s", len(pauses))
	}

	// A connection is taken within a second, and the pause is short again.
	c, peer := net.Pipe()
	defer c.Close()
	defer peer.Close()
	offered := time.Now()
	l.offer(c)
	<-conns
	if late := time.Since(offered); late > time.Second {
		t.Errorf("accepted after %v", late)
	}
	time.Sleep(time.Second)
	synctest.Wait()
	if after := l.pauses()[len(pauses)+1:]; after[0] != 5*time.Millisecond {
		t.Errorf("pauses after a success: %v", after)
	}

	canceled := time.Now()
	cancel()
	<-ended
	if late := time.Since(canceled); late != 0 || !l.closed {
		t.Errorf("ended after %v, listener closed: %v", late, l.closed)
	}
}

func TestAcceptLoopEndsWithItsListener(t *testing.T) {
	for _, end := range []string{"close", "cancel"} {
		l := listen(t, "tcp://127.0.0.1:*", Defaults())
		ctx, cancel := context.WithCancel(t.Context())
		conns := make(chan net.Conn)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			AcceptLoop(ctx, l, func(c net.Conn) { conns <- c }, func(err error) { t.Error(err) })
		}()
		for range 3 {
			c, err := Dial(t.Context(), parse(t, l.Endpoint()), Defaults())
			if err != nil {
				t.Fatal(err)
			}
			in := <-conns
			echo(t, c, in)
			_, _ = c.Close(), in.Close()
		}
		if end == "close" {
			_ = l.Close()
		} else {
			cancel()
		}
		<-ended
		cancel()
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("after %s the listener is open: %v", end, err)
		}
	}
}

// brittle closes, and then does something else than return.
type brittle struct {
	deaf
	how func()
}

func (b *brittle) Close() error {
	_ = b.deaf.Close()
	b.how()
	return nil
}

// The end of the loop's context closes the listener, which may fail; then the loop ends
// all the same, and hears of it.
func TestCloseIsContained(t *testing.T) {
	for name, how := range map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var mu sync.Mutex // onError is called by the loop and by the end of ctx
			told := make(chan error, 1)
			AcceptLoop(ctx, &brittle{deaf{err: syscall.EMFILE}, how}, func(net.Conn) {}, func(err error) {
				mu.Lock()
				defer mu.Unlock()
				if errors.Is(err, contain.ErrPanic) {
					told <- err
				}
				cancel()
			})
			<-told
		})
	}
}
