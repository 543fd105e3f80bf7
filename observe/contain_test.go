package observe

import (
	"bytes"
	"context"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/go-zactor/zactor/internal/contain"
)

// brittle is a listener of whose methods one does something else than return.
type brittle struct {
	net.Listener
	accept, close func()
}

func (b *brittle) Accept() (net.Conn, error) { b.accept(); return b.Listener.Accept() }
func (b *brittle) Close() error              { err := b.Listener.Close(); b.close(); return err }

// logged is a default logger whose lines can be waited for.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
	news chan struct{}
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	l.news <- struct{}{}
	return len(p), nil
}

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
				lines := &logged{news: make(chan struct{}, 8)}
				slog.SetDefault(slog.New(slog.NewTextHandler(lines, nil)))
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
				<-lines.news
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				lines.mu.Lock()
				defer lines.mu.Unlock()
				if n := contain.Strays() - before; n != 1 || !strings.Contains(lines.text.String(), contain.ErrPanic.Error()) {
					t.Errorf("%d strays, log %q", n, lines.text.String())
				}
			})
		}
	}
}
