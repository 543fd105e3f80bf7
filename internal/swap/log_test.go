package swap

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

type bench struct {
	*testing.T
	dir     string
	damages []Damage
}

func (b *bench) open(segment, limit int64) *Log {
	b.Helper()
	l, err := Open(Config{Dir: b.dir, Segment: segment, Max: limit, Report: func(d Damage) { b.damages = append(b.damages, d) }})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return l
}

func newBench(t *testing.T) *bench { return &bench{T: t, dir: filepath.Join(t.TempDir(), "log")} }

func (b *bench) append(l *Log, texts ...string) {
	b.Helper()
	for _, s := range texts {
		if _, err := l.Append([]byte(s[:len(s)/2]), []byte(s[len(s)/2:])); err != nil {
			b.Fatal(err)
		}
	}
}

// read reads everything.
func (b *bench) read(l *Log) (texts []string, last uint64) {
	b.Helper()
	for {
		seq, p, ok, err := l.Next()
		if err != nil {
			b.Fatal(err)
		}
		if !ok {
			return texts, last
		}
		texts, last = append(texts, string(p)), seq
	}
}

func (b *bench) want(l *Log, texts ...string) uint64 {
	b.Helper()
	got, last := b.read(l)
	if fmt.Sprint(got) != fmt.Sprint(texts) {
		b.Fatalf("read %q, want %q", got, texts)
	}
	return last
}

func TestInOrderAndAgain(t *testing.T) {
	b := newBench(t)
	l := b.open(0, 0)
	b.append(l, "one", "", "three")
	if l.Len() != 3 || l.Unread() != 3 {
		t.Fatalf("%d and %d records", l.Len(), l.Unread())
	}
	b.want(l, "one", "", "three")
	l.Rewind()
	seq, p, _, _ := l.Next()
	if string(p) != "one" {
		t.Fatalf("%q after Rewind", p)
	}
	if err := l.Ack(seq); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := l.Append(nil); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	l = b.open(0, 0)
	b.append(l, "four")
	last := b.want(l, "", "three", "four")
	if err := l.Ack(last); err != nil || l.Len() != 0 {
		t.Errorf("%v, %d records left", err, l.Len())
	}
	l.Close()
	b.want(b.open(0, 0))
}

func TestSegmentsGo(t *testing.T) {
	b := newBench(t)
	l := b.open(200, 0)
	var all []string
	for i := range 100 {
		all = append(all, fmt.Sprintf("record %d %s", i, strings.Repeat("x", i%50)))
	}
	b.append(l, all...)
	if n := len(l.segs); n < 20 {
		t.Fatalf("%d segments", n)
	}
	last := b.want(l, all...)
	if err := l.Ack(last); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(b.dir, "*"+suffix))
	if len(files) != 1 || l.Bytes() > 200 {
		t.Errorf("%d files and %d bytes are left", len(files), l.Bytes())
	}
	b.append(l, "after")
	b.want(l, "after")
}

func TestFull(t *testing.T) {
	b := newBench(t)
	l := b.open(0, 20_000)
	big := strings.Repeat("a", 5000-headerSize)
	b.append(l, big, big, big, big)
	if _, err := l.Append(make([]byte, 1)); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "20000") {
		t.Fatalf("%v, want ErrFull with the limit", err)
	}
	seq, _, _, _ := l.Next()
	if err := l.Ack(seq); err != nil {
		t.Fatal(err)
	}
	b.append(l, "b")
	last := b.want(l, big, big, big, "b")
	if err := l.Ack(last); err != nil {
		t.Fatal(err)
	}
	b.append(l, strings.Repeat("c", 20_000-headerSize)) // all of the room is there again
}

func TestInUse(t *testing.T) {
	b := newBench(t)
	l := b.open(0, 0)
	if _, err := Open(Config{Dir: b.dir}); !errors.Is(err, ErrInUse) {
		t.Errorf("%v, want ErrInUse", err)
	}
	l.Close()
	b.open(0, 0)
}

// file is the only segment.
func (b *bench) file() string {
	b.Helper()
	files, err := filepath.Glob(filepath.Join(b.dir, "*"+suffix))
	if err != nil || len(files) != 1 {
		b.Fatal(files, err)
	}
	return files[0]
}

// A file that ends anywhere has all records before that, and takes more.
func TestTornAnywhere(t *testing.T) {
	texts := []string{"first", "the second", "3"}
	var ends []int
	whole := func() []byte {
		b := newBench(t)
		l := b.open(0, 0)
		for _, s := range texts {
			b.append(l, s)
			ends = append(ends, int(l.Bytes()))
		}
		l.Close()
		p, err := os.ReadFile(b.file())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}()
	for cut := range whole {
		for _, fill := range []int{0, 40} { // the file may have grown before its bytes came
			b := newBench(t)
			b.open(0, 0).Close()
			if err := os.WriteFile(b.file(), append(whole[:cut:cut], make([]byte, fill)...), 0o600); err != nil {
				t.Fatal(err)
			}
			n := 0
			for n < len(ends) && ends[n] <= cut {
				n++
			}
			torn := fill == 0 || n < len(ends) && (cut == 0 || cut == ends[max(n-1, 0)])
			l := b.open(0, 0)
			b.append(l, "more")
			b.want(l, append(texts[:n:n], "more")...)
			if torn && len(b.damages) > 0 {
				t.Errorf("cut at %d: %v", cut, b.damages)
			}
		}
	}
}

// Every turned bit is noticed, and what is not touched by it is read.
func TestTurnedBits(t *testing.T) {
	texts := []string{"first", "the second", "the third one", "4"}
	step := 7 // each byte and each bit of it, by and by; ZACTOR_FULL=1: each bit of each byte
	if os.Getenv("ZACTOR_FULL") == "1" {
		step = 1
	}
	for bit := 0; ; bit += step {
		b := newBench(t)
		l := b.open(0, 0)
		b.append(l, texts...)
		starts := []int{0, headerSize + 5, 2*headerSize + 15, 3*headerSize + 28, 4*headerSize + 29}
		live := bit%2 == 0 // found by the one that has the file open, or by the next
		if !live {
			l.Close()
		}
		p, err := os.ReadFile(b.file())
		if err != nil {
			t.Fatal(err)
		}
		if bit/8 >= len(p) {
			break
		}
		p[bit/8] ^= 1 << (bit % 8)
		f, _ := os.OpenFile(b.file(), os.O_WRONLY, 0)
		_, _ = f.WriteAt(p, 0)
		f.Close()
		if !live {
			l = b.open(0, 0)
		}
		hit := 0
		for starts[hit+1] <= bit/8 {
			hit++
		}
		var want []string
		for i, s := range texts {
			if i != hit {
				want = append(want, s)
			}
		}
		got, _ := b.read(l)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("bit %d of byte %d: read %q, want %q", bit%8, bit/8, got, want)
		}
		lastLength := hit == 3 && bit/8 < starts[3]+headerSize // may look like a record that was cut
		if len(b.damages) != 1 && !lastLength {
			t.Fatalf("bit %d: damage %v", bit, b.damages)
		}
		for _, d := range b.damages {
			if d.Offset != int64(starts[hit]) || d.Lost != 1 || !strings.Contains(d.Error(), suffix) {
				t.Fatalf("bit %d: %v", bit, d)
			}
		}
	}
}

// Many that sync at once share the work, and each returns only when its record is
// there.
func TestSyncTogether(t *testing.T) {
	b := newBench(t)
	l := b.open(4000, 0)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				at, err := l.Append(make([]byte, 100))
				if err == nil {
					err = l.Sync(at)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if got, _ := b.read(l); len(got) != 400 {
		t.Errorf("%d records", len(got))
	}
}

// A model: whatever is done in whatever order, what is read is what was appended.
func TestModel(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	b := newBench(t)
	l := b.open(300, 2000)
	var model [][]byte // not acknowledged
	var seqs []uint64  // of those that were read
	for step := range 1500 {
		switch r.IntN(10) {
		case 0, 1, 2, 3:
			p := make([]byte, r.IntN(100))
			for i := range p {
				p[i] = byte(r.IntN(256))
			}
			_, err := l.Append(p)
			switch {
			case err == nil:
				model = append(model, p)
			case !errors.Is(err, ErrFull):
				t.Fatal(err)
			}
		case 4, 5, 6, 7:
			seq, p, ok, err := l.Next()
			if err != nil || ok != (len(seqs) < len(model)) || ok && !bytes.Equal(p, model[len(seqs)]) {
				t.Fatalf("seed %d step %d: read %x %v %v", seed, step, p, ok, err)
			}
			if ok {
				seqs = append(seqs, seq)
			}
		case 8:
			if n := r.IntN(len(seqs) + 1); n > 0 {
				if err := l.Ack(seqs[n-1]); err != nil {
					t.Fatal(err)
				}
				model, seqs = model[n:], seqs[n:]
			}
		case 9:
			if r.IntN(2) == 0 {
				l.Rewind()
			} else {
				l.Close()
				l = b.open(300, 2000)
			}
			seqs = nil
		}
		if l.Len() != len(model) || l.Unread() != len(model)-len(seqs) {
			t.Fatalf("seed %d step %d: %d and %d records, want %d and %d", seed, step, l.Len(), l.Unread(), len(model), len(model)-len(seqs))
		}
	}
	if len(b.damages) > 0 {
		t.Error(b.damages)
	}
}

func FuzzSegment(f *testing.F) {
	head, _ := appendHeader(nil, 0, [][]byte{[]byte("hello")})
	f.Add(append(head, "hello"...))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, p []byte) {
		b := newBench(t)
		b.open(0, 0).Close()
		if err := os.WriteFile(b.file(), p, 0o600); err != nil {
			t.Fatal(err)
		}
		l := b.open(0, 0)
		before, _ := b.read(l)
		b.append(l, "more")
		after, _ := b.read(l)
		if fmt.Sprint(after) != "[more]" || len(before)*headerSize > len(p) {
			t.Fatalf("read %q and then %q", before, after)
		}
	})
}
