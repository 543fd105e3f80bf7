package cert

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

// keysOf are the fingerprints of what a store trusts, in order.
func keysOf(s interface{ snapshot() trusted }) []string {
	return s.snapshot().fingerprints(slices.Sorted(maps.Keys(s.snapshot())))
}

func (s *FSStore) snapshot() trusted { return s.current.Load().certs }

func prints(certs ...*Cert) []string {
	t := make(trusted)
	for _, c := range certs {
		t[c.Public()] = c
	}
	return t.fingerprints(slices.Sorted(maps.Keys(t)))
}

func trusts(t *testing.T, s interface{ snapshot() trusted }, certs ...*Cert) {
	t.Helper()
	if got, want := keysOf(s), prints(certs...); !slices.Equal(got, want) {
		t.Errorf("trusts %v, want %v", got, want)
	}
}

// diary collects the changes that a store tells.
type diary struct {
	mu   sync.Mutex
	list []Change // guarded by mu
}

func (d *diary) note(c Change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list = append(d.list, c)
}

// lines are the changes since the last call, as "+added -removed ~updated
// !problem" in fingerprints and paths.
func (d *diary) lines(names map[string]string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var lines []string
	for _, c := range d.list {
		var words []string
		for sign, keys := range map[string][]string{"+": c.Added, "-": c.Removed, "~": c.Updated} {
			for _, key := range keys {
				words = append(words, sign+names[key])
			}
		}
		for _, p := range c.Problems {
			words = append(words, "!"+p.Path)
		}
		slices.Sort(words)
		lines = append(lines, strings.Join(words, " "))
	}
	d.list = nil
	return lines
}

func TestMemStore(t *testing.T) {
	a, b := newCert(t, "name", "a"), newCert(t)
	names := map[string]string{a.Public(): "a", b.Public(): "b"}
	s := NewMemStore(a)
	var d diary
	stop := s.OnChange(d.note)
	trusts(t, s, a)

	got, ok := s.Lookup(a.Public())
	if !ok || got.HasSecret() || !got.Equal(a.withoutSecret()) {
		t.Errorf("lookup: %v, %v; want a without its secret", got, ok)
	}
	if err := got.SetMeta("name", "forged"); err != nil {
		t.Fatal(err)
	}
	for c := range s.All() {
		if name, _ := c.Meta("name"); name != "a" {
			t.Errorf("the store's own certificate was changed to %q", name)
		}
	}
	if _, ok := s.Lookup(b.Public()); ok {
		t.Error("a stranger was found")
	}
	if _, ok := new(MemStore).Lookup(a.Public()); ok {
		t.Error("an empty store found something")
	}

	s.Insert(b)
	s.Insert(b) // no change
	if err := b.SetMeta("name", "b"); err != nil {
		t.Fatal(err)
	}
	s.Insert(b)
	if !s.Remove(a.Public()) || s.Remove(a.Public()) {
		t.Error("remove does not say what it did")
	}
	trusts(t, s, b)
	if got, want := d.lines(names), []string{"+b", "~b", "-a"}; !slices.Equal(got, want) {
		t.Errorf("changes %v, want %v", got, want)
	}
	stop()
	stop()
	s.Insert(a)
	if got := d.lines(names); len(got) != 0 {
		t.Errorf("changes after stop: %v", got)
	}
	new(MemStore).Insert(a)
}

func TestMemStoreConcurrently(t *testing.T) {
	s := NewMemStore()
	certs := make([]*Cert, 8)
	for i := range certs {
		certs[i] = newCert(t)
	}
	var group sync.WaitGroup
	for _, c := range certs {
		group.Go(func() {
			for range 100 {
				s.Insert(c)
				if _, ok := s.Lookup(c.Public()); !ok {
					t.Error("inserted and not found")
				}
				s.Remove(c.Public())
			}
			s.Insert(c)
		})
		group.Go(func() {
			for range 100 {
				for range s.All() {
				}
			}
		})
	}
	group.Wait()
	trusts(t, s, certs...)
}

func mapFile(t *testing.T, c *Cert) *fstest.MapFile {
	t.Helper()
	return &fstest.MapFile{Data: []byte(publicText(t, c)), Mode: 0o644, ModTime: time.Unix(1000, 0)}
}

func TestFSStore(t *testing.T) {
	a, b, c := newCert(t, "name", "a"), newCert(t), newCert(t)
	secret, err := c.encode(secretHeader, true, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{
		"a.txt":           mapFile(t, a),
		"sub/deeper/b":    mapFile(t, b),
		"sub/.hidden":     mapFile(t, newCert(t)),
		".git/x.txt":      mapFile(t, newCert(t)),
		"stranger_secret": mapFile(t, newCert(t)),
		"README":          {Data: []byte("# how to use this\n"), Mode: 0o644},
		"own.txt":         {Data: secret, Mode: 0o600},
		"wide.txt":        {Data: secret, Mode: 0o644},
		"pipe":            {Mode: fs.ModeNamedPipe | 0o644},
		"huge":            {Data: make([]byte, MaxFileSize+1), Mode: 0o644},
		"sub/empty":       {Mode: 0o644},
	}
	s, err := NewFSStore(fsys)
	if err != nil {
		t.Fatal(err)
	}
	want := []*Cert{a, b, c}
	problems := map[string]error{"README": ErrMalformed, "huge": ErrTooLarge, "sub/empty": ErrMalformed, "wide.txt": ErrExposed}
	if !exposed(0o644) {
		problems["wide.txt"] = ErrDuplicate // this system has no modes
	}
	trusts(t, s, want...)
	for _, p := range s.Problems() {
		if err, ok := problems[p.Path]; !ok || !errors.Is(p.Err, err) {
			t.Errorf("problem with %s: %v, want %v", p.Path, p.Err, problems[p.Path])
		}
		delete(problems, p.Path)
	}
	if len(problems) != 0 {
		t.Errorf("no problem with %v", problems)
	}
	if got, ok := s.Lookup(c.Public()); !ok || got.HasSecret() {
		t.Errorf("lookup of a file with a secret: %v, secret %v", ok, got.HasSecret())
	}
	n := 0
	for got := range s.All() {
		if name, ok := got.Meta("name"); ok && (name != "a" || got.Public() != a.Public()) {
			t.Errorf("%v has the name %q", got, name)
		}
		n++
	}
	if n != len(want) {
		t.Errorf("%d certificates, want %d", n, len(want))
	}
	if _, err := NewFSStore(fstest.MapFS{}); err != nil {
		t.Errorf("an empty file system: %v", err)
	}
}

// Of two files with one key the newer counts, with a warning; when one goes, the
// other stands in.
func TestDuplicates(t *testing.T) {
	old := newCert(t, "role", "old")
	young := old.Clone()
	if err := young.SetMeta("role", "young"); err != nil {
		t.Fatal(err)
	}
	role := func(s *FSStore) string {
		c, ok := s.Lookup(old.Public())
		if !ok {
			return "none"
		}
		value, _ := c.Meta("role")
		return value
	}
	for _, swap := range []bool{false, true} {
		first, second := "a.txt", "b.txt"
		if swap {
			first, second = second, first
		}
		fsys := fstest.MapFS{first: mapFile(t, old), second: mapFile(t, young)}
		fsys[second].ModTime = time.Unix(1001, 0)
		s, err := NewFSStore(fsys)
		if err != nil {
			t.Fatal(err)
		}
		if got := role(s); got != "young" {
			t.Errorf("the %s one counts, want the younger", got)
		}
		if p := s.Problems(); len(p) != 1 || p[0].Path != first || !errors.Is(p[0].Err, ErrDuplicate) || !strings.Contains(p[0].Err.Error(), second) {
			t.Errorf("problems %v, want one with %s that names %s", p, first, second)
		}
		var d diary
		s.OnChange(d.note)
		delete(fsys, second)
		s.Reload()
		if got := role(s); got != "old" || len(s.Problems()) != 0 {
			t.Errorf("after deleting the younger, %s counts, with %v", got, s.Problems())
		}
		if got := d.lines(map[string]string{old.Public(): "k"}); !slices.Equal(got, []string{"~k"}) {
			t.Errorf("changes %v, want an update and no removal", got)
		}
	}
	same := fstest.MapFS{"b.txt": mapFile(t, young), "a.txt": mapFile(t, old)}
	s, err := NewFSStore(same)
	if err != nil {
		t.Fatal(err)
	}
	if got := role(s); got != "old" {
		t.Errorf("of two as old, %s counts; want that of a.txt", got)
	}
}

// blindFS hides a path from the next listings of its directory, as a listing
// does that is read while a file is renamed.
type blindFS struct {
	fstest.MapFS
	hidden string
	looks  int // how many listings still miss it
}

func (b *blindFS) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := b.MapFS.ReadDir(name)
	if b.looks > 0 && name == "." {
		b.looks--
		list = slices.DeleteFunc(list, func(d fs.DirEntry) bool { return d.Name() == b.hidden })
	}
	return list, err
}

func TestAListingThatMissesAFileShutsNobodyOut(t *testing.T) {
	c := newCert(t)
	fsys := &blindFS{MapFS: fstest.MapFS{"a.txt": mapFile(t, c)}, hidden: "a.txt"}
	s, err := NewFSStore(fsys)
	if err != nil {
		t.Fatal(err)
	}
	var d diary
	s.OnChange(d.note)
	fsys.looks = 1 << 30
	s.Reload() // replaced in place, and missed by every listing
	trusts(t, s, c)

	fsys.MapFS = fstest.MapFS{"b.txt": fsys.MapFS["a.txt"]}
	fsys.hidden, fsys.looks = "b.txt", 1
	s.Reload() // moved, and missed by the first listing under both names
	trusts(t, s, c)
	if got := d.lines(nil); len(got) != 0 {
		t.Errorf("changes %v, want none", got)
	}
}

// brokenFS fails to open or list some paths.
type brokenFS struct {
	fstest.MapFS
	broken string
}

func (b *brokenFS) fail(op, name string) error {
	if b.broken != "" && (name == b.broken || strings.HasPrefix(name, b.broken+"/") || b.broken == ".") {
		return &fs.PathError{Op: op, Path: name, Err: fs.ErrPermission}
	}
	return nil
}

func (b *brokenFS) Open(name string) (fs.File, error) {
	if err := b.fail("open", name); err != nil {
		return nil, err
	}
	return b.MapFS.Open(name)
}

func (b *brokenFS) Stat(name string) (fs.FileInfo, error) {
	if err := b.fail("stat", name); err != nil {
		return nil, err
	}
	return b.MapFS.Stat(name)
}

func (b *brokenFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := b.fail("open", name); err != nil {
		return nil, err
	}
	return b.MapFS.ReadDir(name)
}

func TestWhatCannotBeReadKeepsItsLastVersion(t *testing.T) {
	a, b := newCert(t), newCert(t)
	for _, broken := range []string{"a.txt", "sub", "sub/b.txt", "."} {
		fsys := &brokenFS{MapFS: fstest.MapFS{"a.txt": mapFile(t, a), "sub/b.txt": mapFile(t, b)}}
		s, err := NewFSStore(fsys)
		if err != nil {
			t.Fatal(err)
		}
		fsys.broken = broken
		s.Reload()
		trusts(t, s, a, b)
		if p := s.Problems(); len(p) == 0 || !errors.Is(p[0].Err, fs.ErrPermission) {
			t.Errorf("%s: problems %v", broken, p)
		}
		fsys.broken = ""
		s.Reload()
		trusts(t, s, a, b)
		if p := s.Problems(); len(p) != 0 {
			t.Errorf("%s: problems %v after the end of the trouble", broken, p)
		}
		delete(fsys.MapFS, "a.txt")
		s.Reload()
		trusts(t, s, b)
	}
	if _, err := NewFSStore(&brokenFS{MapFS: fstest.MapFS{}, broken: "."}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a store that can't be opened: %v", err)
	}
}

func TestTooManyFiles(t *testing.T) {
	fsys := fstest.MapFS{}
	file := &fstest.MapFile{Mode: 0o644}
	for i := range maxFiles + 1 {
		fsys[fmt.Sprintf("%06d", i)] = file
	}
	next := &scan{}
	if n := len(next.list(fsys)); n > maxFiles+1 || len(next.problems) != 1 || !errors.Is(next.problems[0].Err, ErrTooLarge) {
		t.Errorf("%d paths, problems %v", n, next.problems)
	}
}

func BenchmarkLookup(b *testing.B) {
	c := newCert(b, "name", "x")
	s := NewMemStore(c)
	key := c.Public()
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := s.Lookup(key); !ok {
			b.Fatal("not found")
		}
	}
}
