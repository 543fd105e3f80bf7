package observe

import (
	"context"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// brittle is a listener of whose methods one does something else than return.
type brittle struct {
	net.Listener
	accept, close func()
}

func (b *brittle) Accept() (net.Conn, error) { b.accept(); return b.Listener.Accept() }
func (b *brittle) Close() error              { err := b.Listener.Close(); b.close(); return err }

// A server of which something panics ends, or is not ended by that: the process goes on,
// counts it and logs it, and Close returns.
func TestServeIsContained(t *testing.T) {
	old, flags, out := slog.Default(), log.Flags(), log.Writer()
	defer func() { slog.SetDefault(old); log.SetFlags(flags); log.SetOutput(out) }()
	nothing := func() {}
	for name, how := range map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit} {
		for method, play := range map[string]func(b *brittle, end func()){
			"accept": func(b *brittle, _ func()) { b.accept = how },
			"close":  func(b *brittle, end func()) { b.close = sync.OnceFunc(how); end() },
		} {
			t.Run(method+"/"+name, func(t *testing.T) {
				var lines logbook.Book
				slog.SetDefault(lines.Slog())
				before := contain.Strays()
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				ctx, end := context.WithCancel(t.Context())
				defer end()
				b := &brittle{l, nothing, nothing}
				if method == "accept" {
					play(b, end)
				}
				s := serve(ctx, b)
				if method == "close" {
					w := httptest.NewRecorder()
					s.http.Handler.ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/healthz", nil))
					if w.Code != http.StatusOK {
						t.Errorf("status %d", w.Code)
					}
					play(b, end)
				}
				ztest.Eventually(t, "it is logged", func() bool { return lines.Has(contain.ErrPanic.Error()) }, &lines)
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				if n := contain.Strays() - before; n != 1 {
					t.Errorf("%d strays, log %q", n, &lines)
				}
			})
		}
	}
}
