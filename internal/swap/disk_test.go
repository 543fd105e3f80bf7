package swap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// smallDisk is a disk with so much room, that refuses to flush or to write notes when it
// is told to.
type smallDisk struct {
	mu       sync.Mutex
	room     int64 // 0: any
	sizes    map[string]int64
	noFlush  error
	noNotes  error
	noRename error
}

func newSmallDisk(room int64) *smallDisk { return &smallDisk{room: room, sizes: map[string]int64{}} }

func (d *smallDisk) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

// grow reserves room for a file up to a size, as much as there is.
func (d *smallDisk) grow(path string, to int64) (allowed int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.room > 0 {
		var used int64
		for _, n := range d.sizes {
			used += n
		}
		to = min(to, max(d.sizes[path]+d.room-used, 0))
	}
	d.sizes[path] = max(d.sizes[path], to)
	return to
}

func (d *smallDisk) Open(path string, flag int) (File, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return &smallFile{f, d, path}, nil
}

func (d *smallDisk) Remove(path string) error {
	d.set(func() { delete(d.sizes, path) })
	return os.Remove(path)
}

func (d *smallDisk) Rename(from, to string) error {
	if d.noRename != nil {
		return d.noRename
	}
	d.set(func() {
		d.sizes[to] = d.sizes[from]
		if from != to {
			delete(d.sizes, from)
		}
	})
	return os.Rename(from, to)
}

type smallFile struct {
	*os.File
	d    *smallDisk
	path string
}

func (f *smallFile) Write(b []byte) (int, error) {
	fi, err := f.Stat()
	if err != nil {
		return 0, err
	}
	n := max(f.d.grow(f.path, fi.Size()+int64(len(b)))-fi.Size(), 0)
	if k, err := f.File.Write(b[:min(n, int64(len(b)))]); err != nil || k == len(b) {
		return k, err
	}
	return int(n), syscall.ENOSPC
}

func (f *smallFile) WriteAt(b []byte, at int64) (int, error) {
	f.d.mu.Lock()
	err := f.d.noNotes
	f.d.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if f.d.grow(f.path, at+int64(len(b))) < at+int64(len(b)) {
		return 0, syscall.ENOSPC
	}
	return f.File.WriteAt(b, at)
}

func (f *smallFile) Truncate(size int64) error {
	f.d.set(func() { f.d.sizes[f.path] = min(f.d.sizes[f.path], size) })
	return f.File.Truncate(size)
}

func (f *smallFile) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	return f.d.noFlush
}

func (b *bench) openOn(d Disk, cfg Config) *Log {
	b.Helper()
	cfg.Dir, cfg.Disk, cfg.Report = b.dir, d, func(d Damage) { b.damages = append(b.damages, d) }
	l, err := Open(cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return l
}

// fill appends records of a kilobyte until the disk is full, and returns them.
func (b *bench) fill(l *Log, from int) (texts []string) {
	b.Helper()
	for i := from; ; i++ {
		text := fmt.Sprintf("%06d%s", i, strings.Repeat("x", 1000))
		_, err := l.Append([]byte(text))
		if errors.Is(err, syscall.ENOSPC) {
			return texts
		}
		if err != nil || i > from+10_000 {
			b.Fatal(i, err)
		}
		texts = append(texts, text)
	}
}

// A disk that was full takes as much again once all was acknowledged, over and over,
// with the file of before or those after it; what was accepted is read once.
func TestFullDisk(t *testing.T) {
	for _, cfg := range []Config{{}, {Sync: true}, {Segment: 20_000}, {Temporary: true}} {
		t.Run(fmt.Sprintf("%+v", cfg), func(t *testing.T) {
			const room = 300_000
			b := newBench(t)
			d := newSmallDisk(room)
			l := b.openOn(d, cfg)
			for round := range 5 {
				texts := b.fill(l, round*100_000)
				if size := len(texts) * 1026; size < room*3/4 {
					t.Fatalf("round %d: %d records fit", round, len(texts))
				}
				if err := l.Ack(b.want(l, texts...)); err != nil {
					t.Fatal(err)
				}
			}
			if l.Len() != 0 || l.Unread() != 0 {
				t.Errorf("%d records left, %d unread", l.Len(), l.Unread())
			}
			l.Close()
			b.want(b.openOn(d, Config{Temporary: cfg.Temporary}))
			if len(b.damages) > 0 {
				t.Error(b.damages)
			}
		})
	}
}

// On a disk that was full once, room comes back with each part that is acknowledged,
// not only with the last record.
func TestFullDiskInParts(t *testing.T) {
	b := newBench(t)
	l := b.openOn(newSmallDisk(1<<20), Config{})
	if err := l.Ack(b.want(l, b.fill(l, 0)...)); err != nil {
		t.Fatal(err)
	}
	texts := b.fill(l, 1000)
	for range len(texts) / 2 {
		seq, _, _, _ := l.Next()
		if err := l.Ack(seq); err != nil {
			t.Fatal(err)
		}
	}
	if more := b.fill(l, 5000); len(more) < len(texts)/4 {
		t.Errorf("half of %d records are gone, and only %d fit", len(texts), len(more))
	}
}

// Segments go although "acknowledged" can't be written, which is said once; what is
// gone does not come back.
func TestNoNotes(t *testing.T) {
	b := newBench(t)
	d := newSmallDisk(0)
	l := b.openOn(d, Config{Segment: 5000})
	var all []string
	for i := range 100 {
		all = append(all, fmt.Sprintf("%03d%s", i, strings.Repeat("n", 500)))
	}
	b.append(l, all...)
	d.set(func() { d.noNotes = syscall.ENOSPC })
	said := 0
	for range 95 {
		seq, _, _, _ := l.Next()
		if err := l.Ack(seq); err != nil {
			said++
		}
	}
	files, _ := filepath.Glob(filepath.Join(b.dir, "*"+suffix))
	if said != 1 || len(files) > 2 || l.Len() != 5 {
		t.Errorf("said %d times; %d files, %d records left", said, len(files), l.Len())
	}
	l.Close()
	d.set(func() { d.noNotes = nil })
	l = b.openOn(d, Config{Segment: 5000})
	got, last := b.read(l)
	if len(got) < 5 || len(got) > 15 || fmt.Sprint(got) != fmt.Sprint(all[100-len(got):]) {
		t.Errorf("%d records read: %.40q", len(got), got)
	}
	if err := l.Ack(last); err != nil || len(b.damages) > 0 {
		t.Error(err, b.damages)
	}
}

// A flush that fails is an error of those who wait for it, and of nobody else. Their
// records are taken back unless they were read; the log goes on when the disk does.
func TestFailedFlush(t *testing.T) {
	b := newBench(t)
	d := newSmallDisk(0)
	l := b.openOn(d, Config{Sync: true, Segment: 3000})
	var want []string
	for i := range 200 {
		d.set(func() {
			if d.noFlush = nil; i%3 == 1 {
				d.noFlush = syscall.EIO
			}
		})
		text := fmt.Sprintf("%03d%s", i, strings.Repeat("f", i))
		at, err := l.Append([]byte(text))
		if err == nil {
			err = l.Sync(at)
		}
		if err == nil {
			want = append(want, text)
		} else if i%3 != 1 || !errors.Is(err, syscall.EIO) {
			t.Fatalf("%d: %v", i, err)
		}
	}
	b.want(l, want...)
	d.set(func() { d.noFlush = syscall.EIO })
	at, err := l.Append([]byte("read before its flush"))
	if err != nil {
		t.Fatal(err)
	}
	b.want(l, "read before its flush")
	if err := l.Sync(at); !errors.Is(err, syscall.EIO) {
		t.Error(err)
	}
	d.set(func() { d.noFlush = nil })
	l.Close()
	l = b.openOn(d, Config{Sync: true})
	b.want(l, append(want, "read before its flush")...)
	if len(b.damages) > 0 {
		t.Error(b.damages)
	}
}

// The same with many who wait at once: who is told nil has its record there, who is told
// an error has not.
func TestFailedFlushOfMany(t *testing.T) {
	b := newBench(t)
	d := newSmallDisk(0)
	l := b.openOn(d, Config{Sync: true, Segment: 5000})
	var mu sync.Mutex
	accepted := map[string]bool{}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 100 {
				if g == 0 {
					d.set(func() {
						if d.noFlush = nil; i%2 == 0 {
							d.noFlush = syscall.EIO
						}
					})
				}
				text := fmt.Sprintf("%d-%d", g, i)
				at, err := l.Append([]byte(text))
				if err == nil {
					err = l.Sync(at)
				}
				mu.Lock()
				accepted[text] = err == nil
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	d.set(func() { d.noFlush = nil })
	got, _ := b.read(l)
	for _, text := range got {
		if !accepted[text] {
			t.Errorf("%s was refused, and is there", text)
		}
		delete(accepted, text)
	}
	for text, was := range accepted {
		if was {
			t.Errorf("%s was accepted, and is not there", text)
		}
	}
	if len(b.damages) > 0 {
		t.Error(b.damages)
	}
}

// A crash between the steps of beginning anew leaves what a log reads without complaint.
func TestRenewInterrupted(t *testing.T) {
	b := newBench(t)
	d := newSmallDisk(0)
	l := b.openOn(d, Config{Segment: 100})
	b.append(l, strings.Repeat("a", 90))
	last := b.want(l, strings.Repeat("a", 90))
	d.noRename = syscall.EIO
	if err := l.Ack(last); !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	l.Close()
	d.noRename = nil
	l = b.openOn(d, Config{Segment: 100})
	b.append(l, "more", strings.Repeat("b", 90))
	b.want(l, "more", strings.Repeat("b", 90))
	l.Close()
	b.want(b.openOn(d, Config{}), "more", strings.Repeat("b", 90))
	if len(b.damages) > 0 {
		t.Error(b.damages)
	}
}

// A temporary log is nothing on disk until it holds something, and nothing afterwards.
func TestTemporary(t *testing.T) {
	b := newBench(t)
	l := b.openOn(nil, Config{Temporary: true})
	if _, err := os.Stat(b.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory is there: %v", err)
	}
	b.append(l, "one", "two")
	b.want(l, "one", "two")
	if err := l.Remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(b.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory is still there: %v", err)
	}
}

// What a killed process has left is removed by the next; what a living one has is not.
func TestNest(t *testing.T) {
	if !locks {
		t.Skip("locks do not end with their process here")
	}
	parent := filepath.Join(t.TempDir(), "parent")
	dead, err := OpenNest(parent, "PUB-peer-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dead.Dir(), "1"), 0o700); err != nil {
		t.Fatal(err)
	}
	dead.lock.Close() // as the kernel does for a process that was killed
	alive, err := OpenNest(parent, "PUB-peer-")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dead.Dir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what the dead one has left is there: %v", err)
	}
	other, err := OpenNest(parent, "PUB-peer-")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(alive.Dir()); err != nil {
		t.Errorf("a living one was swept away: %v", err)
	}
	for _, n := range []*Nest{alive, other} {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

// Directories that others could read or replace are refused, by name.
func TestUnsafe(t *testing.T) {
	refused := func(name, dir, says string) {
		t.Helper()
		l, err := Open(Config{Dir: dir})
		if err == nil {
			l.Close()
		}
		if !errors.Is(err, ErrUnsafe) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want ErrUnsafe that says %q", name, err, says)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	base := t.TempDir()
	real, link := filepath.Join(base, "real"), filepath.Join(base, "link")
	must(os.Mkdir(real, 0o700))
	if os.Symlink(real, link) == nil {
		refused("a link in place of the log", link, "symbolic link")
		l, err := Open(Config{Dir: filepath.Join(link, "log")}) // one's own link above it is one's own affair
		must(err)
		l.Close()
	}
	if _, ok := owner(mustStat(t, real)); !ok {
		return // no owners and modes here
	}
	open := filepath.Join(base, "open")
	must(os.Mkdir(open, 0o700))
	must(os.Chmod(open, 0o777))
	refused("open to everybody", open, "everybody")
	refused("below one open to everybody", filepath.Join(open, "log"), "everybody")
	must(os.Chmod(open, 0o777|fs.ModeSticky))
	l, err := Open(Config{Dir: filepath.Join(open, "log")}) // as /tmp
	must(err)
	l.Close()
	if os.Geteuid() != 0 {
		return
	}
	foreign := filepath.Join(base, "foreign")
	must(os.Mkdir(foreign, 0o700))
	must(os.Chown(foreign, 12345, 12345))
	refused("another user's", foreign, "user 12345")
	refused("below another user's", filepath.Join(foreign, "log"), "user 12345")
}

func mustStat(t *testing.T, path string) fs.FileInfo {
	t.Helper()
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return fi
}
