package cert

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/lifetime"
	"github.com/go-zactor/zactor/internal/logs"
)

// DefaultPoll is how often a DirStore reads its files when nothing tells it to.
const DefaultPoll = time.Second

// settle is how long a DirStore waits after the first sign of a change, so that
// the rest of it is there as well.
const settle = 20 * time.Millisecond

// A DirStore is an FSStore on a directory that it watches. The file system's
// notices make it quick, and reading all files again at a steady pace makes it
// sure: notices may be missing, as on network file systems, or get lost.
type DirStore struct {
	*FSStore
	dir     string
	poll    time.Duration
	notices *fsnotify.Watcher // nil where there are none

	life    *lifetime.Life
	guard   contain.Guard
	done    chan struct{} // closed when the end begins
	running sync.WaitGroup
}

// An Option changes how NewDirStore makes a DirStore.
type Option func(*dirConfig) error

type dirConfig struct {
	poll    time.Duration
	notices bool
	log     logs.Logger
}

// WithPoll sets how often all files are read without a notice.
func WithPoll(every time.Duration) Option {
	return func(c *dirConfig) error {
		if every < time.Millisecond {
			return fmt.Errorf("%w: poll interval %v: must be at least 1ms", ErrInvalidOption, every)
		}
		c.poll = every
		return nil
	}
}

// WithNotices says whether the file system's notices are used, which is the default.
// Without them changes are found by polling alone.
func WithNotices(on bool) Option {
	return func(c *dirConfig) error {
		c.notices = on
		return nil
	}
}

// WithLogger sets where changes and problems are logged, with zerolog. The default is
// silence.
func WithLogger(l zerolog.Logger) Option {
	return func(c *dirConfig) error {
		c.log = c.log.Zerolog(l)
		return nil
	}
}

// WithSlog is WithLogger for log/slog. With both options both are written to.
func WithSlog(l *slog.Logger) Option {
	return func(c *dirConfig) error {
		if l == nil {
			return fmt.Errorf("%w: nil logger", ErrInvalidOption)
		}
		c.log = c.log.Slog(l)
		return nil
	}
}

// NewDirStore reads a directory of certificates and keeps watching it. A directory that
// does not exist is a store that trusts no key, until it comes. The end of ctx ends the
// watching as Close does.
//
// Errors: ErrInvalidOption, or that of the file system.
func NewDirStore(ctx context.Context, dir string, opts ...Option) (*DirStore, error) {
	s, err := newDirStore(dir, opts)
	if err != nil {
		return nil, wrap("open store "+dir, err)
	}
	s.life = lifetime.New(ctx, "cert", s.end)
	return s, nil
}

func newDirStore(dir string, opts []Option) (*DirStore, error) {
	c := dirConfig{poll: DefaultPoll, notices: true}
	for _, opt := range opts {
		if err := opt(&c); err != nil {
			return nil, err
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, errNoDir)
	}
	s := &DirStore{FSStore: newFSStore(os.DirFS(dir), c.log), dir: dir, poll: c.poll, done: make(chan struct{})}
	if c.notices {
		if s.notices, err = fsnotify.NewWatcher(); err != nil {
			c.log.Log(logs.CertNoNotices, logs.Err(err))
		}
	}
	s.refresh()
	s.guard.Report = func(p *contain.Panic) {
		s.log.Limited(logs.Contained, p.Where, logs.Err(p), logs.Str("path", dir), logs.Str("stack", string(p.Stack)))
	}
	s.guard.Go(&s.running, "cert: watch", s.watch, nil)
	return s, nil
}

// watch is the store's goroutine. A notice starts a short wait, and its end a
// reload; so a stream of notices can't put the reload off.
func (s *DirStore) watch() {
	events, faults := s.channels()
	poll := time.NewTicker(s.poll)
	defer poll.Stop()
	var settled <-chan time.Time
	for {
		select {
		case <-s.done:
			return
		case <-events:
			if settled == nil {
				settled = time.After(settle)
			}
		case err := <-faults:
			s.log.Log(logs.CertNoticeLost, logs.Err(err))
			s.again()
		case <-settled:
			settled = nil
			s.again()
		case <-poll.C:
			s.again()
		}
	}
}

// again is refresh on the store's goroutine, on which an observer may panic.
func (s *DirStore) again() { s.guard.Hook("cert: reload", s.refresh) }

// channels returns nil channels, which never deliver, where there are no notices.
func (s *DirStore) channels() (<-chan fsnotify.Event, <-chan error) {
	if s.notices == nil {
		return nil, nil
	}
	return s.notices.Events, s.notices.Errors
}

// refresh reads the files, and reads them again if there were directories to
// follow: what changed in one of those before it was followed gave no notice.
func (s *DirStore) refresh() {
	s.Reload()
	if s.follow(s.current.Load().dirs) {
		s.Reload()
	}
}

// follow asks for notices of directories, and reports whether any of them is new.
// Those that were deleted have left by themselves; what can't be followed is
// polled.
func (s *DirStore) follow(dirs []string) (fresh bool) {
	if s.notices == nil {
		return false
	}
	followed := s.notices.WatchList()
	for _, d := range dirs {
		full := filepath.Join(s.dir, filepath.FromSlash(d))
		if !slices.Contains(followed, full) && s.notices.Add(full) == nil {
			fresh = true
		}
	}
	return fresh
}

// Close stops watching and waits for the store's goroutine. Lookup goes on to
// answer from what was read last. Close may be called more than once; observers
// must not call it.
func (s *DirStore) Close() error { return s.life.Close() }

// Shutdown is Close for at most as long as ctx.
func (s *DirStore) Shutdown(ctx context.Context) error { return s.life.Shutdown(ctx) }

// end is what Close does.
func (s *DirStore) end(context.Context) error {
	close(s.done)
	s.running.Wait()
	if s.notices == nil {
		return nil
	}
	return wrap("close store "+s.dir, s.notices.Close())
}
