package cert

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// An observer that panics keeps no other from hearing, and no lock; the change stands.
func TestObserversAreContained(t *testing.T) {
	files := fstest.MapFS{}
	fsys, err := NewFSStore(files)
	if err != nil {
		t.Fatal(err)
	}
	c := newCert(t)
	public, _ := c.EncodePublic()
	mem := NewMemStore()
	for _, s := range []struct {
		name  string
		store interface {
			Store
			OnChange(func(Change)) (stop func())
		}
		add func()
	}{
		{"memory", mem, func() { mem.Insert(c) }},
		{"files", fsys, func() { files["a"] = &fstest.MapFile{Data: public, Mode: 0o600}; fsys.Reload() }},
	} {
		heard := 0
		stopBad := s.store.OnChange(func(Change) { panic("disaster") })
		s.store.OnChange(func(Change) { heard++ })
		if err := contain.Call("change", s.add); !errors.Is(err, contain.ErrPanic) {
			t.Errorf("%s: who made the change was told %v", s.name, err)
		}
		if _, ok := s.store.Lookup(c.Public()); heard != 1 || !ok {
			t.Errorf("%s: heard %d times, want 1; the key is there: %v", s.name, heard, ok)
		}
		stopBad()
	}
	mem.Remove(c.Public()) // which would hang if a lock were held
	delete(files, "a")
	fsys.Reload()
	if _, ok := fsys.Lookup(c.Public()); ok {
		t.Error("the store does not reload any more")
	}
}

// badFS panics in Open while it is bad.
type badFS struct {
	fs.FS
	bad bool
}

func (b *badFS) Open(name string) (fs.File, error) {
	if b.bad {
		panic("disaster")
	}
	return b.FS.Open(name)
}

// A file system that panics reaches who asked for it, and changes nothing.
func TestFSIsContained(t *testing.T) {
	if err := contain.Call("new", func() { _, _ = NewFSStore(&badFS{bad: true}) }); !errors.Is(err, contain.ErrPanic) {
		t.Errorf("NewFSStore: %v", err)
	}
	c := newCert(t)
	public, _ := c.EncodePublic()
	files := &badFS{FS: fstest.MapFS{"a": &fstest.MapFile{Data: public, Mode: 0o600}}}
	s, err := NewFSStore(files)
	if err != nil {
		t.Fatal(err)
	}
	files.bad = true
	if err := contain.Call("reload", s.Reload); !errors.Is(err, contain.ErrPanic) {
		t.Errorf("Reload: %v", err)
	}
	if _, ok := s.Lookup(c.Public()); !ok {
		t.Error("the key is trusted no more")
	}
	files.bad = false
	s.Reload() // which would hang if the turn were kept
}

// A DirStore's goroutine goes on after a reload that panics, an observer's or its own; when
// the goroutine itself ends, what was read counts on, and Close returns.
func TestDirStoreIsContained(t *testing.T) {
	for _, where := range []string{"cert: reload", "cert: watch", "an observer"} {
		t.Run(where, func(t *testing.T) {
			dir := t.TempDir()
			c := newCert(t)
			public, _ := c.EncodePublic()
			if err := os.WriteFile(filepath.Join(dir, "a"), public, 0o600); err != nil {
				t.Fatal(err)
			}
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			var log logbook.Book
			var once sync.Once
			s := openStore(t, dir, WithPoll(time.Millisecond), WithLogger(log.Zerolog()))
			if where == "an observer" {
				seen := make(chan struct{})
				hit = seen
				s.OnChange(func(Change) {
					once.Do(func() { close(seen) })
					panic("disaster in an observer")
				})
				if err := os.Remove(filepath.Join(dir, "a")); err != nil {
					t.Fatal(err)
				}
			}
			ztest.Soon(t, where, hit)
			ztest.Eventually(t, "it is in the log", func() bool { return log.Has("ZA0503", "disaster in "+where) }, &log)
			if _, ok := s.Lookup(c.Public()); ok != (where != "an observer") {
				t.Errorf("the key is there: %v", ok)
			}
			if where != "cert: watch" { // the others go on
				d := newCert(t)
				public, _ := d.EncodePublic()
				if err := os.WriteFile(filepath.Join(dir, "b"), public, 0o600); err != nil {
					t.Fatal(err)
				}
				ztest.Eventually(t, "the new key is trusted", func() bool { _, ok := s.Lookup(d.Public()); return ok })
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
