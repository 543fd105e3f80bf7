//go:build unix

package prom

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/go-zactor/zactor/zmq"
)

// BenchmarkScrape is a scrape, as Prometheus asks for it, of a process of 1,000 sockets.
// %core is what it takes of one processor when it happens each second, by the system's
// count of what this process has used:
//
//	go test ./observe/prom -run NONE -bench Scrape -count 10
//
// What costs are series. With a name for each of 1,000 sockets there are 24,000, which
// client_golang alone takes some percent for: so names are folded unless "bound=none".
func BenchmarkScrape(b *testing.B) {
	for _, names := range []int{1, 20, 1000} {
		b.Run(fmt.Sprintf("names=%d", names), func(b *testing.B) { scrapes(b, names) })
	}
	b.Run("names=1000/bound=none", func(b *testing.B) { scrapes(b, 1000, WithMaxNames(math.MaxInt)) })
}

func scrapes(b *testing.B, names int, opts ...Option) {
	zctx := zmq.NewContext(context.Background())
	defer zctx.Close()
	for i := range 1000 {
		if _, err := zmq.New(zctx, zmq.Pull, zmq.WithName(fmt.Sprintf("socket %d of %d", i%names, names))); err != nil {
			b.Fatal(err)
		}
	}
	r := prometheus.NewRegistry()
	r.MustRegister(Collector(opts...))
	h := promhttp.HandlerFor(r, promhttp.HandlerOpts{DisableCompression: true})
	before := used(b)
	for b.Loop() {
		w := httptest.NewRecorder()
		w.Body = nil
		h.ServeHTTP(discard{w}, httptest.NewRequest("GET", "/metrics", nil))
	}
	b.ReportMetric((used(b)-before).Seconds()/float64(b.N)*100, "%core")
}

// discard takes an answer and keeps nothing of it.
type discard struct{ *httptest.ResponseRecorder }

func (discard) Write(p []byte) (int, error) { return io.Discard.Write(p) }

// used is the processor time of this process.
func used(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Skip(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
