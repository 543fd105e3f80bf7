package cert

import (
	"io/fs"
	"iter"
	"slices"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/logs"
)

// An FSStore is a Store that reads its certificates from a file system. It looks
// again only when Reload is called; DirStore does that by itself.
type FSStore struct {
	fsys      fs.FS
	log       logs.Logger
	observers observers
	current   atomic.Pointer[scan]
	turn      chan struct{} // holds a token while no reload runs
}

// NewFSStore reads all certificates below the root of fsys, such as an embed.FS.
// Files that are no certificates are left out, and are in Problems. A panic of fsys
// reaches the caller of NewFSStore or Reload, and the store stays as it was.
func NewFSStore(fsys fs.FS) (*FSStore, error) {
	if _, err := fs.Stat(fsys, "."); err != nil {
		return nil, wrap("open store", err)
	}
	s := newFSStore(fsys, logs.Logger{})
	s.Reload()
	return s, nil
}

func newFSStore(fsys fs.FS, log logs.Logger) *FSStore {
	s := &FSStore{fsys: fsys, log: log, turn: make(chan struct{}, 1)}
	s.current.Store(&scan{})
	s.turn <- struct{}{}
	return s
}

// Reload looks at all files and then replaces the store's content at once. When
// it returns, Lookup answers by what the files say, and all observers have been
// told. Observers must not call it.
func (s *FSStore) Reload() {
	<-s.turn
	defer func() { s.turn <- struct{}{} }()
	before := s.current.Load()
	next := look(s.fsys, before)
	change := difference(before.certs, next.certs)
	if len(change.Removed) > 0 {
		// A key is withdrawn only if a second look does not find it either: its
		// file may have been moved to a name that the first look had passed.
		next = look(s.fsys, before)
		change = difference(before.certs, next.certs)
	}
	s.current.Store(next)
	if change.isEmpty() && sameProblems(before.problems, next.problems) {
		return
	}
	change.Problems = slices.Clone(next.problems)
	s.report(before, next, change)
	s.observers.tell(change)
}

// report logs what has changed, by fingerprints, and each problem once.
func (s *FSStore) report(before, next *scan, change Change) {
	for _, p := range next.problems {
		if !slices.ContainsFunc(before.problems, func(old Problem) bool { return sameProblems([]Problem{old}, []Problem{p}) }) {
			s.log.Log(logs.CertSkipped, logs.Str("path", p.Path), logs.Err(p.Err))
		}
	}
	if !change.isEmpty() {
		s.log.Log(logs.CertLoaded,
			logs.Any("added", next.certs.fingerprints(change.Added)),
			logs.Any("removed", before.certs.fingerprints(change.Removed)),
			logs.Any("updated", next.certs.fingerprints(change.Updated)),
			logs.Int("total", len(next.certs)))
	}
}

func (t trusted) fingerprints(keys []string) []string {
	list := make([]string, 0, len(keys))
	for _, key := range keys {
		list = append(list, t[key].Fingerprint())
	}
	return list
}

// Lookup implements Store.
func (s *FSStore) Lookup(publicZ85 string) (*Cert, bool) {
	return s.current.Load().certs.lookup(publicZ85)
}

// All yields the certificates as they are now, in the order of their keys.
func (s *FSStore) All() iter.Seq[*Cert] { return s.current.Load().certs.all() }

// Problems returns what is wrong with the files, sorted by path.
func (s *FSStore) Problems() []Problem { return slices.Clone(s.current.Load().problems) }

// OnChange calls fn after each reload that changed keys or problems, one after
// the other, until stop is called. When fn panics the others are told nevertheless, the
// reload counts, and Reload panics; a DirStore's own goroutine logs that and goes on.
func (s *FSStore) OnChange(fn func(Change)) (stop func()) { return s.observers.add(fn) }
