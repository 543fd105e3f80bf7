package transport

import (
	"fmt"
	"net"
	"os"
	"sync"

	"github.com/go-zactor/zactor/internal/endpoint"
)

// adopt makes a Listener of a descriptor that another process has bound and listens
// on, as a service manager does that starts programs on demand. The socket file of
// an adopted ipc listener stays, since whoever made it will want it again.
func adopt(ep endpoint.Endpoint, o Options) (Listener, error) {
	f := os.NewFile(uintptr(o.FD), ep.String())
	if f == nil {
		return nil, fmt.Errorf("bind %s: descriptor %d is not valid", ep, o.FD)
	}
	defer f.Close() // FileListener works on a copy
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("bind %s: adopt descriptor %d: %w", ep, o.FD, err)
	}
	switch l := l.(type) {
	case *net.TCPListener:
		if ep.Scheme == endpoint.TCP {
			return &tcpListener{TCPListener: l, options: o, name: nameOf(l.Addr().(*net.TCPAddr)), close: sync.OnceValue(l.Close)}, nil
		}
	case *net.UnixListener:
		if ep.Scheme == endpoint.IPC {
			l.SetUnlinkOnClose(false)
			return adoptedIPC(l, ep, o), nil
		}
	}
	_ = l.Close()
	return nil, fmt.Errorf("%w: descriptor %d is a %T, which %s can't use", ErrNoTransport, o.FD, l, ep)
}

func adoptedIPC(l *net.UnixListener, ep endpoint.Endpoint, o Options) Listener {
	ep.Path = l.Addr().String()
	il := &ipcListener{UnixListener: l, options: o, ep: ep}
	il.close = sync.OnceValue(il.shut)
	return il
}

// Abandon leaves a listener's socket file to whoever has its descriptor as well. It is
// called before Close.
func Abandon(l Listener) {
	if il, ok := l.(*ipcListener); ok {
		il.SetUnlinkOnClose(false)
		il.made, il.folder = nil, ""
	}
}
