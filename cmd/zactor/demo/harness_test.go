package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"testing"
	"time"
)

// runPatience bounds a whole run. It is many times what a run takes, and is used up
// only when something is wrong.
const runPatience = time.Minute

// A shown is any line of the JSON view.
type shown struct {
	Type     string  `json:"type"`
	MS       float64 `json:"ms"`
	Kind     string  `json:"kind"`
	Node     string  `json:"node"`
	ID       string  `json:"id"`
	Peer     string  `json:"peer"`
	PeerID   string  `json:"peer_id"`
	Detail   string  `json:"detail"`
	Command  string  `json:"command"`
	Rows     []row   `json:"rows"`
	LostMsgs uint64  `json:"lost"`
	Restarts int     `json:"restarts"`
	Reason   string  `json:"reason"`
}

// A running is a demo that runs beside the test.
type running struct {
	t         *testing.T
	interrupt context.CancelFunc
	lines     *bufio.Scanner
	raw       []string
	seen      []shown
	result    chan ended
}

type ended struct {
	Summary
	err error
}

// start runs a demo whose JSON lines the test reads. It ends with the test.
func start(t *testing.T, o Options) *running {
	t.Helper()
	o.JSON = true
	ctx, cancel := context.WithTimeout(t.Context(), runPatience)
	r, w := io.Pipe()
	d := &running{t: t, interrupt: cancel, lines: bufio.NewScanner(r), result: make(chan ended, 1)}
	d.lines.Buffer(nil, 1<<20)
	go func() {
		s, err := Run(ctx, o, w)
		w.Close()
		d.result <- ended{s, err}
	}()
	t.Cleanup(func() {
		cancel()
		for d.lines.Scan() { // the demo must be able to write to its end
		}
	})
	return d
}

// next returns the next line, and false at the end.
func (d *running) next() (shown, bool) {
	d.t.Helper()
	if !d.lines.Scan() {
		return shown{}, false
	}
	var s shown
	if err := json.Unmarshal(d.lines.Bytes(), &s); err != nil {
		d.t.Fatalf("line %q: %v", d.lines.Text(), err)
	}
	d.raw = append(d.raw, d.lines.Text())
	d.seen = append(d.seen, s)
	return s, true
}

// until reads lines until one fits.
func (d *running) until(what string, fits func(shown) bool) shown {
	d.t.Helper()
	for {
		s, ok := d.next()
		if !ok {
			d.t.Fatalf("the demo ended before %s", what)
		}
		if fits(s) {
			return s
		}
	}
}

// end reads to the end and returns the result.
func (d *running) end() Summary {
	d.t.Helper()
	for {
		if _, ok := d.next(); !ok {
			break
		}
	}
	e := <-d.result
	if e.err != nil {
		d.t.Fatal(e.err)
	}
	return e.Summary
}

// is returns what fits an event.
func is(kind, node, peer string) func(shown) bool {
	return func(s shown) bool {
		return s.Type == "event" && s.Kind == kind && (node == "" || s.Node == node) && (peer == "" || s.Peer == peer)
	}
}
