package relay

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/zmq"
)

// passed is what has passed in one direction.
type passed struct {
	Messages uint64 `json:"messages"`
	Bytes    uint64 `json:"bytes"`
}

func (p passed) less(o passed) passed { return passed{p.Messages - o.Messages, p.Bytes - o.Bytes} }

// flow is what has passed since the line before, and in all.
type flow struct {
	Front passed `json:"front"` // from the first side
	Back  passed `json:"back"`
	Total passed `json:"total"`
}

// report prints what passes, as often as it is told.
func report(app *cli.App, proxy *zmq.SteerableProxy, every time.Duration) (stop func()) {
	if every == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		var front, back passed
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			s := proxy.Statistics()
			f := passed{s.Frontend.Received, s.Frontend.ReceivedBytes}
			b := passed{s.Backend.Received, s.Backend.ReceivedBytes}
			show(app.Stdout, app.JSON, flow{f.less(front), b.less(back), passed{f.Messages + b.Messages, f.Bytes + b.Bytes}})
			front, back = f, b
		}
	})
	return func() { cancel(); wg.Wait() }
}

func show(w io.Writer, asJSON bool, f flow) {
	if asJSON {
		json.NewEncoder(w).Encode(f)
		return
	}
	fmt.Fprintf(w, "front %d messages %d bytes, back %d messages %d bytes, in all %d messages %d bytes\n",
		f.Front.Messages, f.Front.Bytes, f.Back.Messages, f.Back.Bytes, f.Total.Messages, f.Total.Bytes)
}
