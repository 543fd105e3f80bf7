package observe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
)

// ErrAddress is returned by Serve for an address that it does not listen on.
var ErrAddress = errors.New("observe: address")

// Server serves the Handler.
type Server struct {
	http *http.Server
	l    net.Listener
	done chan struct{} // closed when nothing runs any more
	stop func() bool
}

// Serve serves the Handler on "unix:PATH", or on the port of a loopback address, as
// "127.0.0.1:6060", "localhost:6060" or ":6060", which means 127.0.0.1; port 0 is any free
// one. It ends with ctx or Close.
//
// Errors: ErrAddress, which says what is allowed, or the system's.
func Serve(ctx context.Context, addr string) (*Server, error) {
	l, err := listen(ctx, addr)
	if err != nil {
		return nil, err
	}
	return serve(ctx, l), nil
}

// serve serves on a listener. When that panics the server has ended, all but Close.
func serve(ctx context.Context, l net.Listener) *Server {
	s := &Server{l: l, done: make(chan struct{})}
	s.http = &http.Server{
		Handler: local(Handler()), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	go func() {
		defer close(s.done)
		contain.Alone("observe", func() { _ = s.http.Serve(l) }, contain.Stray)
	}()
	s.stop = contain.AfterFunc(ctx, "observe", func() { s.http.Close() }, contain.Stray)
	return s
}

// Addr is where the server listens.
func (s *Server) Addr() string {
	if s.l.Addr().Network() == "unix" {
		return "unix:" + s.l.Addr().String()
	}
	return s.l.Addr().String()
}

// Close ends the server and its requests. It may be called again.
func (s *Server) Close() error {
	s.stop()
	s.http.Close()
	<-s.done
	return nil
}

// Shutdown is Close that lets requests under way end, for at most as long as ctx, whose
// error it returns then.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop()
	err := s.http.Shutdown(ctx)
	s.http.Close()
	<-s.done
	if err != nil {
		return fmt.Errorf("observe: shutdown: %w", err)
	}
	return nil
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		return listenUnix(ctx, path)
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("%w %q: must be unix:PATH or HOST:PORT with a loopback host", ErrAddress, addr)
	}
	if host == "" || host == "localhost" {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%w %q: %s is not a loopback address: mount Handler behind what authenticates its users", ErrAddress, addr, host)
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, port))
}

// listenUnix listens on a socket file that only this user may open: it is made in a
// directory of its own that nobody else may enter, and moved when its mode is right.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil {
		if info.Mode().Type() != os.ModeSocket {
			return nil, fmt.Errorf("%w unix:%s: the file is there, and no socket", ErrAddress, path)
		}
		if c, err := net.Dial("unix", path); err == nil {
			c.Close()
			return nil, fmt.Errorf("%w unix:%s: another process serves it", ErrAddress, path)
		}
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".observe")
	if err != nil {
		return nil, fmt.Errorf("observe: %w", err)
	}
	defer os.RemoveAll(dir)
	made := filepath.Join(dir, "s")
	l, err := new(net.ListenConfig).Listen(ctx, "unix", made)
	if err != nil {
		return nil, fmt.Errorf("observe: %w", err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := errors.Join(os.Chmod(made, 0o600), os.Rename(made, path)); err != nil {
		l.Close()
		return nil, fmt.Errorf("observe: %w", err)
	}
	return &unixListener{l, path}, nil
}

// unixListener removes its file when it closes.
type unixListener struct {
	net.Listener
	path string
}

func (l *unixListener) Addr() net.Addr { return &net.UnixAddr{Name: l.path, Net: "unix"} }

func (l *unixListener) Close() error {
	os.Remove(l.path)
	return l.Listener.Close()
}

// local answers only requests that were sent to this host by its own name: a page of
// another site whose name was made to lead here has that site's name in Host.
func local(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if a != nil && a.Network() != "unix" && !loopback(r.Host) {
			http.Error(w, "observe: the Host header must be a loopback address or localhost", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func init() {
	addr := os.Getenv("ZACTOR_OBSERVE")
	if addr == "" {
		return
	}
	s, err := Serve(context.Background(), addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "ZACTOR_OBSERVE:", err)
		return
	}
	fmt.Fprintln(os.Stderr, "observe: serving on", s.Addr())
}
