package durable

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/swap"
)

// badDisk is a disk that is full, fails or waits when it is told to.
type badDisk struct {
	swap.Disk
	mu      sync.Mutex
	write   error         // of writes
	read    error         // of reads
	release chan struct{} // every call waits for it; nil: none does
	waiting chan struct{} // a token when one waits
	flip    int64         // the byte there is read as another one; 0: none
	open    int           // files
}

func newBadDisk() *badDisk { return &badDisk{Disk: swap.OS, waiting: make(chan struct{}, 1)} }

func (d *badDisk) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

// come waits while the disk is stuck, and answers what is wrong with it.
func (d *badDisk) come() (write, read error) {
	d.mu.Lock()
	write, read, release := d.write, d.read, d.release
	d.mu.Unlock()
	if release != nil {
		select {
		case d.waiting <- struct{}{}:
		default:
		}
		<-release
	}
	return write, read
}

func (d *badDisk) Open(path string, flag int) (swap.File, error) {
	d.come()
	f, err := d.Disk.Open(path, flag)
	if err != nil {
		return nil, err
	}
	d.set(func() { d.open++ })
	return &badFile{f, d}, nil
}

type badFile struct {
	swap.File
	disk *badDisk
}

func (f *badFile) Write(b []byte) (int, error) {
	if err, _ := f.disk.come(); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

func (f *badFile) ReadAt(b []byte, at int64) (int, error) {
	if _, err := f.disk.come(); err != nil {
		return 0, err
	}
	n, err := f.File.ReadAt(b, at)
	if i := f.disk.flip - at; i > 0 && i < int64(n) {
		b[i] ^= 0xff
	}
	return n, err
}

func (f *badFile) Close() error {
	f.disk.set(func() { f.disk.open-- })
	return f.File.Close()
}

// kept is a stream on a disk.
type kept struct {
	*Stream
	dir     string
	disk    *badDisk
	waiting Waiting
	ready   chan struct{}
	panics  chan *contain.Panic
	mu      sync.Mutex
	failed  []error
}

// newKept makes a stream on disk, or in memory where there is none.
func newKept(t testing.TB, b Bounds, disk *badDisk, max int64) *kept {
	k := &kept{Stream: New(b), dir: filepath.Join(t.TempDir(), "kept"), disk: disk, ready: make(chan struct{}, 1), panics: make(chan *contain.Panic, 1)}
	k.waiting = Waiting{One: 1 << 20, All: 4 << 20}
	if disk != nil {
		k.OnDisk(Disk{
			Open: func() (*swap.Log, error) {
				return swap.Open(swap.Config{Dir: k.dir, Max: max, Temporary: true, Window: true, Disk: disk})
			},
			Ready: func() {
				select {
				case k.ready <- struct{}{}:
				default:
				}
			},
			Failed: func(err error) {
				k.mu.Lock()
				defer k.mu.Unlock()
				k.failed = append(k.failed, err)
			},
			Panicked: func(p *contain.Panic) { k.panics <- p },
			Waiting:  &k.waiting,
		})
	}
	t.Cleanup(func() {
		ended := make(chan struct{})
		k.Close(func() { close(ended) })
		<-ended
		if n := k.waiting.Bytes(); n != 0 {
			t.Errorf("%d bytes wait for the disk of a stream that is closed", n)
		}
		if _, err := os.Stat(k.dir); !errors.Is(err, os.ErrNotExist) || disk != nil && disk.open != 0 {
			t.Errorf("what was on disk is still there: %v", err)
		}
	})
	return k
}

// item is Next, with what the disk has to say.
func (k *kept) item() (it Item, ok bool) {
	for {
		if it, ok = k.Next(); ok || !k.Behind() {
			return it, ok
		}
		<-k.ready
	}
}

// settled waits until the goroutine has nothing more to do.
func (k *kept) settled() {
	for {
		k.Stream.mu.Lock()
		running := k.Stream.disk != nil && k.Stream.disk.running
		k.Stream.mu.Unlock()
		if !running {
			return
		}
		yield()
	}
}

func (k *kept) failures() []error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.failed
}

// What is kept on disk takes as much room there as the bounds say, however long a
// subscriber lags behind; and it is the last messages that are kept, each as it was.
func TestDiskIsBounded(t *testing.T) {
	for _, c := range []struct {
		name    string
		b       Bounds
		disk    int64
		atLeast int
	}{
		{"messages", Bounds{Msgs: 100}, 0, 100},
		{"bytes", Bounds{Msgs: 1 << 20, Bytes: 100_000}, 0, 90},
		{"disk", Bounds{Msgs: 1000}, 300_000, 150},
		{"a small disk", Bounds{Msgs: 1000}, 20_000, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKept(t, c.b, newBadDisk(), c.disk)
			const all = 5000
			for n := uint64(1); n <= all; n++ {
				k.Append(numbered(n, 1000))
				if n%50 != 0 {
					continue
				}
				k.settled()
				size := k.diskBytes()
				if over := size - k.kept.Bytes()*4/3; over > 64<<10+4000 {
					t.Fatalf("%d bytes on disk are more than a third over the %d that are kept", size, k.kept.Bytes())
				}
				if c.disk > 0 && size > c.disk {
					t.Fatalf("%d bytes on disk, the bound is %d", size, c.disk)
				}
			}
			if k.Len() < c.atLeast || k.kept.End() != all+1 {
				t.Errorf("%d are kept, up to %d", k.Len(), k.kept.End())
			}
			r := reader{t: t, k: k}
			r.come(0, 0)
			r.drain()
			if r.got < c.atLeast || r.number != all {
				t.Errorf("%d came back, up to %d", r.got, r.number)
			}
			k.disk.set(func() { // at most 8 full files, twice as many where batches did not fit, and the reader's
				if k.disk.open > 2*8+2 {
					t.Errorf("%d files", k.disk.open)
				}
			})
			k.Taken(all)
			k.settled()
			if size := k.diskBytes(); size > 64<<10 {
				t.Errorf("nothing is kept, and %d bytes are on disk", size)
			}
		})
	}
}

// diskBytes is how many bytes are on disk.
func (k *kept) diskBytes() int64 { return k.Stream.disk.log.Bytes() }

// While the disk does not answer nothing of a stream waits for it. What is more than may
// wait in memory is missed, the oldest first, and counted; the last messages come. In the
// end nothing is in memory.
func TestDiskIsStuck(t *testing.T) {
	disk := newBadDisk()
	k := newKept(t, Bounds{Msgs: 1 << 20}, disk, 0)
	k.waiting.One = 100 * cost(numbered(0, 1000))
	k.Append(numbered(1, 1000))
	k.settled()
	release := make(chan struct{})
	disk.set(func() { disk.release = release })
	k.Append(numbered(2, 1000))
	<-disk.waiting
	full := false
	for n := uint64(3); n <= 1000; n++ {
		k.Append(numbered(n, 1000))
		full = full || k.Full(1000)
	}
	if !full || k.waiting.Bytes() > k.waiting.One || k.Len() != 1000 || k.kept.End() != 1001 {
		t.Errorf("full: %v, %d bytes wait, %d messages kept up to %d", full, k.waiting.Bytes(), k.Len(), k.kept.End())
	}
	r := reader{t: t, k: k}
	r.come(k.Epoch(), 990) // those that it needs are in memory
	r.drain()
	if r.got != 10 {
		t.Errorf("%d came while the disk was stuck, want 10", r.got)
	}
	k.Leave()
	disk.set(func() { disk.release = nil })
	close(release)
	k.settled()
	if k.Full(1000) || k.waiting.Bytes() != 0 {
		t.Errorf("afterwards %d bytes wait", k.waiting.Bytes())
	}
	r.come(0, 0)
	r.drain()
	if r.number != 1000 || r.missed+r.got != 1000 || r.got < 100 || r.got > 105 {
		t.Errorf("%d came, %d missed, up to %d", r.got, r.missed, r.number)
	}
}

// A stream that is closed while the disk does not answer is closed at once, and its files
// go when the disk answers.
func TestCloseWhileStuck(t *testing.T) {
	disk := newBadDisk()
	k := newKept(t, Bounds{Msgs: 100}, disk, 0)
	k.Append(numbered(1, 1000))
	k.settled()
	release := make(chan struct{})
	disk.set(func() { disk.release = release })
	k.Append(numbered(2, 1000))
	<-disk.waiting
	ended := make(chan struct{})
	k.Close(func() { close(ended) })
	k.Append(numbered(3, 1000))
	if k.Len() != 0 || k.waiting.Bytes() != 0 {
		t.Errorf("%d messages, %d bytes", k.Len(), k.waiting.Bytes())
	}
	select {
	case <-ended:
		t.Error("it has ended before the disk has answered")
	default:
	}
	close(release)
	<-ended
}

// On a disk that is full the last messages are kept, in memory if there is no other place,
// and afterwards the disk is used again. That it has failed is said once a time.
func TestDiskIsFull(t *testing.T) {
	disk := newBadDisk()
	k := newKept(t, Bounds{Msgs: 1 << 20}, disk, 0)
	n := uint64(0)
	add := func(more int) {
		for range more {
			n++
			k.Append(numbered(n, 1000))
		}
		k.settled()
	}
	for round := range 3 {
		add(50)
		disk.set(func() { disk.write = syscall.ENOSPC })
		add(20)
		if said := len(k.failures()); said != round+1 {
			t.Errorf("round %d: said %d times: %v", round, said, k.failures())
		}
		if k.waiting.Bytes() < 20*1000 {
			t.Errorf("round %d: %d bytes are in memory, the last 20 messages are more", round, k.waiting.Bytes())
		}
		disk.set(func() { disk.write = nil })
		add(1)
		if k.waiting.Bytes() != 0 {
			t.Errorf("round %d: %d bytes are in memory, and there is room on the disk", round, k.waiting.Bytes())
		}
		r := reader{t: t, k: k}
		r.come(0, 0)
		r.drain()
		if r.got < 21 || r.number != n {
			t.Errorf("round %d: %d came, up to %d of %d", round, r.got, r.number, n)
		}
		k.Taken(n)
		k.Leave()
	}
}

// A message that has changed on disk, or can't be read, is missed, and not delivered; the
// others come.
func TestDiskIsChecked(t *testing.T) {
	k := newKept(t, Bounds{Msgs: 100}, newBadDisk(), 0)
	for n := range uint64(10) {
		k.Append(numbered(n+1, 1000))
	}
	k.settled()
	k.disk.set(func() { k.disk.flip = 500 })
	r := reader{t: t, k: k}
	r.come(0, 0)
	r.drain()
	if r.got != 9 || r.missed != 1 {
		t.Errorf("%d came, %d missed", r.got, r.missed)
	}
	k.Leave()
	k.disk.set(func() { k.disk.read = syscall.EIO })
	r.come(0, 0)
	r.drain()
	if r.got != 0 || r.missed != 10 || len(k.failures()) != 1 {
		t.Errorf("from a disk that can't read: %d came, %d missed; %v", r.got, r.missed, k.failures())
	}
	k.disk.set(func() { k.disk.read = nil }) // or it came only while it is in memory
	k.Append(numbered(11, 1000))
	r.drain()
	if r.got != 1 {
		t.Errorf("%d came afterwards", r.got)
	}
}

// When the goroutine panics, what is on disk is lost, and counted; the stream goes on.
func TestDiskIsContained(t *testing.T) {
	k := newKept(t, Bounds{Msgs: 100}, newBadDisk(), 0)
	for n := range uint64(5) {
		k.Append(numbered(n+1, 1000))
	}
	k.settled()
	hit, stop := contain.Disaster("durable disk", 1)
	k.Append(numbered(6, 1000))
	<-hit
	stop()
	<-k.panics
	k.settled()
	for n := uint64(7); n < 10; n++ {
		k.Append(numbered(n, 1000))
	}
	r := reader{t: t, k: k}
	r.come(0, 0)
	r.drain()
	if r.got != 4 || r.missed != 5 {
		t.Errorf("%d came, %d missed", r.got, r.missed)
	}
}
