//go:build unix

package transport

import (
	"bytes"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/go-zactor/zactor/internal/endpoint"
)

// socketPath is a path for a socket in a new folder. t.TempDir would put the
// test's name into it, and 107 bytes are soon full.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "z")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

// stale leaves a socket file that nobody listens on.
func stale(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	_ = l.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Fatal(err)
	}
}

func TestIPC(t *testing.T) {
	path := socketPath(t)
	l := listen(t, "ipc://"+path, Defaults())
	if l.Endpoint() != "ipc://"+path {
		t.Error(l.Endpoint())
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
	a, b := join(t, l, l.Endpoint(), Defaults())
	echo(t, a, b)
	echo(t, b, a)
	_ = l.Close()
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the file is still there after Close: %v", err)
	}
	echo(t, a, b) // connections outlive their listener
}

func TestIPCTakesOverTheDead(t *testing.T) {
	path := socketPath(t)
	stale(t, path)
	l := listen(t, "ipc://"+path, Defaults())
	a, b := join(t, l, l.Endpoint(), Defaults())
	echo(t, a, b)
}

func TestIPCSparesTheLiving(t *testing.T) {
	l := listen(t, "ipc://"+socketPath(t), Defaults())
	_, err := Listen(t.Context(), parse(t, l.Endpoint()), Defaults())
	if !errors.Is(err, ErrAddrInUse) || !isAddrInUse(err) {
		t.Fatalf("%v", err)
	}
	c, err := l.Accept() // the one that asked whether we live
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	a, b := join(t, l, l.Endpoint(), Defaults())
	echo(t, a, b)
}

// A socket of another kind cannot be asked whether it lives.
func TestIPCSparesDatagramSockets(t *testing.T) {
	path := socketPath(t)
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := Listen(t.Context(), parse(t, "ipc://"+path), Defaults()); !errors.Is(err, ErrAddrInUse) {
		t.Fatalf("%v", err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Fatal(err)
	}
}

func TestIPCTouchesNothingElse(t *testing.T) {
	dir := filepath.Dir(socketPath(t))
	file, folder, link := filepath.Join(dir, "f"), filepath.Join(dir, "d"), filepath.Join(dir, "l")
	if err := errors.Join(os.WriteFile(file, []byte("precious"), 0o644), os.Mkdir(folder, 0o755),
		os.Symlink(filepath.Join(dir, "gone"), link)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, folder, link} {
		_, err := Listen(t.Context(), parse(t, "ipc://"+path), Defaults())
		if !errors.Is(err, ErrOccupied) || errors.Is(err, ErrAddrInUse) || !strings.Contains(err.Error(), "socket file") {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
	if b, err := os.ReadFile(file); err != nil || !bytes.Equal(b, []byte("precious")) {
		t.Errorf("the file holds %q, %v", b, err)
	}
	if _, err := Listen(t.Context(), parse(t, "ipc://"+dir+"/none/s"), Defaults()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
}

func TestIPCForeignSocket(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	path := socketPath(t)
	stale(t, path)
	if err := os.Chown(path, 12345, 12345); err != nil {
		t.Skip(err)
	}
	if _, err := Listen(t.Context(), parse(t, "ipc://"+path), Defaults()); !errors.Is(err, ErrOccupied) {
		t.Fatalf("%v", err)
	}
}

// Close removes the file that it made, and not one that took its place.
func TestIPCCloseSparesTheNext(t *testing.T) {
	path := socketPath(t)
	l := listen(t, "ipc://"+path, Defaults())
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	next := listen(t, "ipc://"+path, Defaults())
	_ = l.Close()
	a, b := join(t, next, next.Endpoint(), Defaults())
	echo(t, a, b)
}

func TestIPCWildcard(t *testing.T) {
	one, two := listen(t, "ipc://*", Defaults()), listen(t, "ipc://*", Defaults())
	if one.Endpoint() == two.Endpoint() {
		t.Fatal(one.Endpoint())
	}
	path := parse(t, one.Endpoint()).Path
	dir, err := os.Stat(filepath.Dir(path))
	if err != nil || dir.Mode().Perm() != 0o700 {
		t.Errorf("the folder's mode is %v, %v", dir.Mode(), err)
	}
	a, b := join(t, one, one.Endpoint(), Defaults())
	echo(t, a, b)
	_ = one.Close()
	if _, err := os.Stat(filepath.Dir(path)); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestIPCWildcardTooLong(t *testing.T) {
	long := filepath.Join(filepath.Dir(socketPath(t)), strings.Repeat("x", 120))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	if _, err := Listen(t.Context(), parse(t, "ipc://*"), Defaults()); !errors.Is(err, endpoint.ErrInvalid) {
		t.Fatalf("%v", err)
	}
	if left, err := os.ReadDir(long); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestIPCLongestPath(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems allow less than 107 bytes")
	}
	path := socketPath(t)
	path += strings.Repeat("x", endpoint.MaxPath-len(path))
	l := listen(t, "ipc://"+path, Defaults())
	a, b := join(t, l, l.Endpoint(), Defaults())
	echo(t, a, b)
}

func TestIPCAbstract(t *testing.T) {
	name := "ipc://@zactor-test" + strings.ReplaceAll(socketPath(t), "/", ".")
	if runtime.GOOS != "linux" {
		if _, err := Listen(t.Context(), parse(t, name), Defaults()); !errors.Is(err, ErrNoTransport) {
			t.Errorf("%v", err)
		}
		return
	}
	l := listen(t, name, Defaults())
	if l.Endpoint() != name {
		t.Error(l.Endpoint())
	}
	if _, err := os.Lstat(parse(t, name).Path); !os.IsNotExist(err) {
		t.Error("an abstract name left a file")
	}
	a, b := join(t, l, name, Defaults())
	echo(t, a, b)
	if _, err := Listen(t.Context(), parse(t, name), Defaults()); !errors.Is(err, ErrAddrInUse) {
		t.Errorf("%v", err)
	}
	_ = l.Close()
	listen(t, name, Defaults())
}

// Of many that start at once on the path of a dead one, one gets it and keeps
// it, and the others are told that it is in use.
func TestIPCRace(t *testing.T) {
	path := socketPath(t)
	for range 20 {
		stale(t, path)
		var (
			wg  sync.WaitGroup
			mu  sync.Mutex
			won []Listener
		)
		for range 8 {
			wg.Go(func() {
				l, err := Listen(t.Context(), parse(t, "ipc://"+path), Defaults())
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won = append(won, l)
				case !errors.Is(err, ErrAddrInUse):
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		if len(won) != 1 {
			t.Fatalf("%d of 8 got the path", len(won))
		}
		if err := probe(t.Context(), path); err != nil {
			t.Fatalf("the winner does not answer: %v", err)
		}
		_ = won[0].Close()
	}
}
