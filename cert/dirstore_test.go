package cert

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// quietStore reads only when it is told to.
func quietStore(t testing.TB, dir string, opts ...Option) *DirStore {
	t.Helper()
	return openStore(t, dir, append([]Option{WithNotices(false), WithPoll(time.Hour)}, opts...)...)
}

func openStore(t testing.TB, dir string, opts ...Option) *DirStore {
	t.Helper()
	s, err := NewDirStore(context.Background(), dir, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A folder is a directory of certificates under test, and its store.
type folder struct {
	t     *testing.T
	dir   string
	store *DirStore
	diary diary
	names map[string]string
}

func newFolder(t *testing.T, opts ...Option) *folder {
	f := &folder{t: t, dir: filepath.Join(t.TempDir(), "certs"), names: make(map[string]string)}
	f.mkdir("")
	f.store = quietStore(t, f.dir, opts...)
	f.store.OnChange(f.diary.note)
	return f
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

func (f *folder) mkdir(name string) {
	f.t.Helper()
	if err := os.MkdirAll(f.path(name), 0o755); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) write(name, text string) {
	f.t.Helper()
	writeFile(f.t, f.path(name), text)
}

// put saves a new certificate, called by its file's name in changes.
func (f *folder) put(name string) *Cert {
	f.t.Helper()
	c := newCert(f.t)
	if err := c.SavePublic(f.path(name)); err != nil {
		f.t.Fatal(err)
	}
	f.names[c.Public()] = name
	return c
}

func (f *folder) remove(name string) {
	f.t.Helper()
	if err := os.RemoveAll(f.path(name)); err != nil {
		f.t.Fatal(err)
	}
}

// reload reads the folder and compares what the store tells of it.
func (f *folder) reload(want ...string) {
	f.t.Helper()
	f.store.Reload()
	if got := f.diary.lines(f.names); !slices.Equal(got, want) {
		f.t.Errorf("changes %q, want %q", got, want)
	}
}

func TestDirStoreFollowsItsFiles(t *testing.T) {
	f := newFolder(t)
	f.reload()
	a := f.put("a")
	f.reload("+a")
	f.reload()
	f.mkdir("sub/deeper")
	b := f.put("sub/deeper/b")
	f.reload("+sub/deeper/b")
	trusts(t, f.store, a, b)
	f.remove("a")
	f.reload("-a")
	trusts(t, f.store, b)
	f.remove("sub")
	f.reload("-sub/deeper/b")
	trusts(t, f.store)
}

// czmq looks at time, number and size only, and misses this (czmq#2113).
func TestSameSecondSameSizeReplacement(t *testing.T) {
	f := newFolder(t)
	when := time.Unix(1_700_000_000, 0)
	stamp := func() os.FileInfo {
		if err := os.Chtimes(f.path("a"), when, when); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(f.path("a"))
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	old := f.put("a")
	before := stamp()
	f.reload("+a")
	next := newCert(t)
	f.names[next.Public()] = "a2"
	f.write("a", publicText(t, next)) // in place: the same inode as well
	after := stamp()
	if before.Size() != after.Size() || !before.ModTime().Equal(after.ModTime()) {
		t.Fatal("this test does not make what it is about")
	}
	f.reload("+a2 -a")
	trusts(t, f.store, next)
	if _, ok := f.store.Lookup(old.Public()); ok {
		t.Error("the old key is still trusted")
	}
}

// A deleted directory trusts nobody, and trusts again when it is back.
func TestDeletedDirectory(t *testing.T) {
	f := newFolder(t)
	f.put("a")
	f.reload("+a")
	f.remove("")
	f.reload("-a")
	trusts(t, f.store)
	f.reload()
	f.mkdir("")
	b := f.put("b")
	f.reload("+b")
	trusts(t, f.store, b)
	f.remove("")
	writeFile(t, f.dir, "a file in its place")
	f.reload("-b")
	trusts(t, f.store)
}

// While a file is being written, byte by byte, its owner is neither shut out nor
// is anybody let in; then the new version counts.
func TestHalfWrittenFile(t *testing.T) {
	f := newFolder(t)
	old := f.put("a")
	f.reload("+a")
	next := newCert(t)
	f.names[next.Public()] = "next"
	text := publicText(t, next)
	key := strings.LastIndexByte(text, '"') // the file is whole from here on
	for n := range key + 1 {
		f.write("a", text[:n])
		f.write("new", text[:n])
		f.store.Reload()
		if got := keysOf(f.store); !slices.Equal(got, prints(old)) {
			t.Fatalf("with %d bytes written, %v is trusted", n, got)
		}
	}
	if p := f.store.Problems(); len(p) != 2 || p[0].Path != "a" || !errors.Is(p[0].Err, ErrZPL) {
		t.Errorf("problems %v, want those with both files", p)
	}
	f.diary.lines(nil)
	f.write("a", text[:key+1])
	f.remove("new")
	f.reload("+next -a")
	trusts(t, f.store, next)

	f.write("a", "") // truncated for good: still no reason to shut anybody out
	f.reload("!a")
	f.reload() // told once
	trusts(t, f.store, next)
	f.remove("a") // this is how to revoke
	f.reload("-next")
}

func TestExposedSecretIsShutOut(t *testing.T) {
	needModes(t)
	f := newFolder(t)
	c := newCert(t)
	f.names[c.Public()] = "c"
	if err := c.SaveSecret(f.path("own")); err != nil {
		t.Fatal(err)
	}
	f.reload("+c")
	if err := os.Chmod(f.path("own"), 0o640); err != nil { // the content stays
		t.Fatal(err)
	}
	f.reload("!own -c")
	if err := os.Chmod(f.path("own"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.reload("+c")
}

func TestLinksToFilesCount(t *testing.T) {
	f := newFolder(t)
	f.mkdir(".data") // as Kubernetes mounts a secret
	c := f.put(".data/c")
	if err := os.Symlink(".data/c", f.path("c")); err != nil {
		t.Skipf("no symbolic links: %v", err)
	}
	for name, to := range map[string]string{"loop": "..", "dangling": "nowhere", "self": "self"} {
		if err := os.Symlink(to, f.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	f.store.Reload()
	trusts(t, f.store, c)
}

func TestDirStoreOpens(t *testing.T) {
	dir := t.TempDir()
	for name, opt := range map[string]Option{"poll": WithPoll(0)} {
		if _, err := NewDirStore(context.Background(), dir, opt); !errors.Is(err, ErrInvalidOption) {
			t.Errorf("%s: %v, want %v", name, err, ErrInvalidOption)
		}
	}
	file := filepath.Join(dir, "file")
	writeFile(t, file, "")
	if _, err := NewDirStore(context.Background(), file); err == nil {
		t.Error("a file was opened as a store")
	}
	s := openStore(t, filepath.Join(dir, "later"))
	trusts(t, s)
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
}

// Both ways of noticing a change work without the other: files and directories
// that come and go, one at a time and the whole.
func TestDirStoreByItself(t *testing.T) {
	for name, opts := range map[string][]Option{
		"notices": {WithPoll(time.Hour)},
		"polling": {WithNotices(false), WithPoll(5 * time.Millisecond)},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := openStore(t, dir, opts...)
			if name == "notices" && s.notices == nil {
				t.Skip("no notices on this system")
			}
			sees := func(what string, certs ...*Cert) {
				t.Helper()
				want := prints(certs...)
				ztest.Eventually(t, what, func() bool { return slices.Equal(keysOf(s), want) })
			}
			a, b := newCert(t), newCert(t)
			if err := a.SavePublic(filepath.Join(dir, "a")); err != nil {
				t.Fatal(err)
			}
			sees("a file is new", a)
			if err := b.SavePublic(filepath.Join(dir, "a")); err != nil {
				t.Fatal(err)
			}
			sees("a file is replaced", b)
			writeFile(t, filepath.Join(dir, "a"), publicText(t, a))
			sees("a file is rewritten in place", a)
			if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := b.SavePublic(filepath.Join(dir, "sub", "b")); err != nil {
				t.Fatal(err)
			}
			sees("a file is new in a new directory", a, b)
			if err := os.Remove(filepath.Join(dir, "sub", "b")); err != nil {
				t.Fatal(err)
			}
			sees("a file is deleted there", a)
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			sees("the directory is deleted")
		})
	}
}

// A directory that is deleted and made again is watched again, by polling first.
func TestDirectoryComesBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "certs")
	s := openStore(t, dir, WithPoll(5*time.Millisecond))
	for range 3 {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		c := newCert(t)
		if err := c.SavePublic(filepath.Join(dir, "a")); err != nil {
			t.Fatal(err)
		}
		ztest.Eventually(t, "it is read", func() bool { return slices.Equal(keysOf(s), prints(c)) })
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		ztest.Eventually(t, "it is empty", func() bool { return len(keysOf(s)) == 0 })
	}
}

// Files are rewritten all the time, in every way, and whoever has a certificate
// is never told otherwise.
func TestChurnShutsNobodyOut(t *testing.T) {
	dir := t.TempDir()
	loyal := newCert(t)
	path := filepath.Join(dir, "loyal")
	if err := loyal.SavePublic(path); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, dir, WithPoll(time.Millisecond))
	s.OnChange(func(c Change) {
		if slices.Contains(c.Removed, loyal.Public()) {
			t.Error("it was removed")
		}
	})
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if _, ok := s.Lookup(loyal.Public()); !ok {
				t.Error("it was shut out")
				return
			}
		}
	})
	text := publicText(t, loyal)
	for i := range 300 {
		var err error
		switch i % 4 {
		case 0:
			err = os.WriteFile(path, []byte(text), 0o644) // truncates first
		case 1:
			err = loyal.SavePublic(path) // renames
		case 2:
			err = os.WriteFile(path, []byte(text[:i%len(text)]), 0o644)
		case 3:
			err = newCert(t).SavePublic(filepath.Join(dir, fmt.Sprint("other", i%8)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	group.Wait()
}

func TestDirStoreLogsFingerprintsOnly(t *testing.T) {
	var out logbook.Book
	f := newFolder(t, WithLogger(out.Zerolog()))
	c := newCert(t)
	if err := c.Save(f.path("a")); err != nil {
		t.Fatal(err)
	}
	f.write("bad", "nonsense {\n")
	f.store.Reload()
	f.store.Reload()
	f.remove("a")
	f.store.Reload()
	text := out.String()
	for _, want := range []string{c.Fingerprint(), "added", "removed", "bad"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log does not say %q:\n%s", want, text)
		}
	}
	if n := strings.Count(text, "certificate skipped"); n != 1 {
		t.Errorf("the problem is logged %d times, want once:\n%s", n, text)
	}
	for _, key := range [][32]byte{c.PublicKey(), c.SecretKey().Expose()} {
		for _, trace := range traces(key) {
			if strings.Contains(text, trace) {
				t.Errorf("a key is in the log:\n%s", text)
			}
		}
	}
}

// BenchmarkReload1000 is what one poll of a large store costs.
func BenchmarkReload1000(b *testing.B) {
	dir := b.TempDir()
	for i := range 1000 {
		text := publicText(b, newCert(b))
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte(text), fs.FileMode(0o644)); err != nil {
			b.Fatal(err)
		}
	}
	s := quietStore(b, dir)
	b.ReportAllocs()
	for b.Loop() {
		s.Reload()
	}
}
