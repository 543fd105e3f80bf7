package transport

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/internal/endpoint"
)

// ipcListener also owns the socket file, and the folder of a wildcard.
type ipcListener struct {
	*net.UnixListener
	options Options
	ep      endpoint.Endpoint
	made    fs.FileInfo  // the file as it was made; nil for an abstract name
	folder  string       // removed with it; "" when it was there before
	close   func() error // once
}

func listenIPC(ctx context.Context, ep endpoint.Endpoint, o Options) (Listener, error) {
	l := &ipcListener{options: o, ep: ep}
	l.close = sync.OnceValue(l.shut)
	bind := l.bindFile
	switch {
	case ep.Abstract():
		bind = l.bindAbstract
	case ep.Path == endpoint.Wildcard:
		bind = l.bindWildcard
	}
	if err := bind(ctx); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *ipcListener) bindAbstract(context.Context) (err error) {
	if err = abstractExists(l.ep); err != nil {
		return err
	}
	if l.UnixListener, err = bindUnix(l.ep.Path, l.options.Backlog); err != nil {
		return bindError(l.ep, err)
	}
	return nil
}

// bindWildcard binds in a new folder that only this user can look into.
func (l *ipcListener) bindWildcard(ctx context.Context) (err error) {
	if l.folder, err = os.MkdirTemp("", "zactor-"); err != nil { // 0700
		return bindError(l.ep, err)
	}
	l.ep.Path = filepath.Join(l.folder, "s")
	if len(l.ep.Path) > endpoint.MaxPath {
		err = fmt.Errorf("%w: the temporary folder's path %q is too long", endpoint.ErrInvalid, l.folder)
	} else {
		err = l.bindFile(ctx)
	}
	if err != nil {
		_ = os.Remove(l.folder)
	}
	return err
}

// bindFile binds to the path, and takes it over if its owner is dead.
func (l *ipcListener) bindFile(ctx context.Context) error {
	unlock := lockFolder(ctx, filepath.Dir(l.ep.Path))
	defer unlock()
	ul, err := bindUnix(l.ep.Path, l.options.Backlog)
	if isAddrInUse(err) {
		if why := reclaim(ctx, l.ep.Path); why != nil {
			return fmt.Errorf("%w: %w", why, err)
		}
		ul, err = bindUnix(l.ep.Path, l.options.Backlog)
	}
	if err != nil {
		return bindError(l.ep, err)
	}
	l.UnixListener = ul
	if l.made, err = os.Lstat(l.ep.Path); err != nil {
		_ = ul.Close()
		return bindError(l.ep, err)
	}
	return nil
}

// reclaim removes path if it is a socket file of this user that nobody listens
// on, and says otherwise why it must stay. libzmq removes whatever it finds,
// and so takes the address of a living server away.
func reclaim(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case os.IsNotExist(err):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%w: %s is no socket file, and only those are ever removed", ErrOccupied, path)
	case !ownedByUs(info):
		return fmt.Errorf("%w: the socket file %s belongs to another user", ErrOccupied, path)
	}
	switch err := probe(ctx, path); {
	case isRefused(err):
		return syscall.Unlink(path)
	case os.IsNotExist(err):
		return nil
	case err != nil: // a full queue, another kind of socket, no permission
		return fmt.Errorf("%w: the socket file %s may be alive: %w", ErrAddrInUse, path, err)
	}
	return fmt.Errorf("%w: another process listens on %s", ErrAddrInUse, path)
}

// probe is nil if a process accepts connections at path.
func probe(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return err
	}
	return c.Close()
}

func (l *ipcListener) Accept() (net.Conn, error) {
	c, err := l.AcceptUnix()
	if err != nil {
		return nil, err
	}
	_ = sizeBuffers(c, l.options) // as for tcp: a dead peer shows when read
	return c, nil
}

func (l *ipcListener) Close() error     { return l.close() }
func (l *ipcListener) Endpoint() string { return l.ep.String() }

// shut removes the file while the socket is still open: until then no other
// file can have its inode number, and no newcomer finds a dead socket there.
func (l *ipcListener) shut() error {
	if l.made != nil {
		unlock := lockFolder(context.Background(), filepath.Dir(l.ep.Path))
		defer unlock()
		if now, err := os.Lstat(l.ep.Path); err == nil && os.SameFile(now, l.made) {
			_ = syscall.Unlink(l.ep.Path)
		}
	}
	err := l.UnixListener.Close()
	if l.folder != "" {
		_ = os.Remove(l.folder)
	}
	return err
}

func dialIPC(ctx context.Context, ep endpoint.Endpoint, o Options) (net.Conn, error) {
	if ep.Abstract() {
		if err := abstractExists(ep); err != nil {
			return nil, err
		}
	}
	c, err := new(net.Dialer).DialContext(ctx, "unix", ep.Path)
	if err != nil {
		return nil, err
	}
	if err := sizeBuffers(c.(*net.UnixConn), o); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("connect %s: %w", ep, err)
	}
	return c, nil
}

func sizeBuffers(c *net.UnixConn, o Options) error {
	if o.SndBuf >= 0 {
		if err := c.SetWriteBuffer(o.SndBuf); err != nil {
			return err
		}
	}
	if o.RcvBuf >= 0 {
		return c.SetReadBuffer(o.RcvBuf)
	}
	return nil
}

// abstractExists refuses abstract names where "@" would just begin a file name.
func abstractExists(ep endpoint.Endpoint) error {
	if runtime.GOOS != "linux" && runtime.GOOS != "android" {
		return fmt.Errorf("%w: %s: abstract names exist on Linux only", ErrNoTransport, ep)
	}
	return nil
}
