package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// patience is how long a command waits before it says for what.
const patience = time.Second

// Watch says on standard error what a command waits for, when nothing has moved for a
// second, with the last failure of each endpoint; and again when that has changed.
type Watch struct {
	app    *App
	socket *zmq.Socket
	what   atomic.Pointer[string]
	moved  atomic.Uint64
	stop   context.CancelFunc
	wg     sync.WaitGroup
}

// NewWatch watches a socket until Stop.
func NewWatch(app *App, s *zmq.Socket) *Watch {
	w := &Watch{app: app, socket: s}
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	if !app.Quiet {
		w.wg.Go(func() { w.run(ctx) })
	}
	if app.Verbose {
		events := s.Events(ctx)
		w.wg.Go(func() {
			for e := range events {
				app.stderr().print(e.String() + "\n")
			}
		})
	}
	return w
}

// Stop ends the watch.
func (w *Watch) Stop() {
	w.stop()
	w.wg.Wait()
}

// Moved counts messages: while they move, nothing is said.
func (w *Watch) Moved(n int) { w.moved.Add(uint64(n)) }

// For says what the command waits for from now on; empty: for nothing on the network.
func (w *Watch) For(what string) { w.what.Store(&what) }

func (w *Watch) run(ctx context.Context) {
	tick := time.NewTicker(patience)
	defer tick.Stop()
	var seen uint64
	var said string
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now, what := w.moved.Load(), w.what.Load()
		if now != seen || what == nil || *what == "" {
			seen = now
			continue
		}
		why, key := Why(w.socket)
		if key = *what + key; key != said {
			said = key
			w.app.Note("waiting for %s%s", *what, why)
		}
	}
}

// Why is how things stand with the endpoints that have nobody at them, and a key that
// changes only when a reason does.
func Why(s *zmq.Socket) (why, key string) {
	stats := s.Stats()
	if stats.Connected > 0 {
		return "", "connected"
	}
	var whys, keys []string
	for _, e := range s.Endpoints() {
		text := e.String()
		if e.State == zmq.EndpointListening && e.Err == nil {
			text = "nobody is connected to " + e.Endpoint
		}
		whys = append(whys, text)
		keys = append(keys, fmt.Sprint(e.Endpoint, e.State == zmq.EndpointListening, e.Err))
	}
	return ": " + Words(strings.Join(whys, "; ")), strings.Join(keys, " ")
}

// Refused is the error of an endpoint whose peer refuses us, or nil.
func Refused(s *zmq.Socket) error {
	for _, e := range s.Endpoints() {
		if e.State != zmq.EndpointListening && (errors.Is(e.Err, zmq.ErrAuth) || errors.Is(e.Err, zmq.ErrServerKey)) {
			return fmt.Errorf("%s: %w", e.Endpoint, e.Err)
		}
	}
	return nil
}
