package swap

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// A window's records are given up in order, read from anywhere and left out anywhere; what
// is read is what was written, by its number, and nothing of it has a name or is damage.
func TestWindow(t *testing.T) {
	for seed := range uint64(10) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		b := newBench(t)
		l := b.openOn(nil, Config{Temporary: true, Window: true})
		text := func(n uint64) string { return fmt.Sprint(n, strings.Repeat("w", int(n%977))) }
		there := map[uint64]bool{}
		first, next, at := uint64(0), uint64(0), uint64(0)
		for range 2000 {
			switch rnd.IntN(6) {
			case 0, 1:
				var list [][]byte
				for i := range uint64(1 + rnd.IntN(200)) {
					list = append(list, []byte(text(next+i)))
				}
				for len(list) > 0 {
					n, err := l.AppendAll(list)
					if err != nil || n == 0 {
						t.Fatal(n, err)
					}
					for range n {
						there[next] = true
						next++
					}
					list = list[n:]
				}
			case 2:
				next += rnd.Uint64N(20)
				l.Skip(next)
			case 3:
				if next > first {
					first += rnd.Uint64N((next-first)/2 + 1)
				}
				if err := l.Drop(first); err != nil {
					t.Fatal(err)
				}
				at = max(at, first)
			case 4:
				at = first + rnd.Uint64N(next-first+1)
				l.Seek(at)
			default:
				for range rnd.IntN(300) {
					for at < next && !there[at] {
						at++
					}
					seq, p, ok, err := l.Next()
					if err != nil || ok != (at < next) || ok && (seq != at || string(p) != text(at)) {
						t.Fatalf("read %d, %.20q, %v, %v; want %d", seq, p, ok, err, at)
					}
					if !ok {
						break
					}
					at++
				}
			}
		}
		var kept int64
		for n := first; n < next; n++ {
			if there[n] {
				kept += int64(len(text(n))) + headerSize
			}
		}
		if size := l.Bytes(); size > kept*4/3+smallWindow+1000 {
			t.Errorf("%d bytes for %d", size, kept)
		}
		err := filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				t.Errorf("%s has a name", path)
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) || len(b.damages) > 0 {
			t.Error(err, b.damages)
		}
		if err := l.Remove(); err != nil {
			t.Error(err)
		}
	}
}
