package auth

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/logs"
)

const (
	// maxFile bounds a password file.
	maxFile = 4 << 20
	// look is how often a password file is read. Its content counts when it was the
	// same twice.
	look = 250 * time.Millisecond
)

// passwordFile is Passwords that follow a file.
type passwordFile struct {
	Passwords
	path string
	log  logs.Logger

	// The watching goroutine's.
	current [sha256.Size]byte // sum of the content that counts
	seen    [sha256.Size]byte // sum of what was there at the last look
	lastErr string            // what was last logged
	warned  bool              // that others may read the file

	guard   contain.Guard
	closing sync.Once
	done    chan struct{}
	wg      sync.WaitGroup
}

func openPasswordFile(path string, log logs.Logger) (*passwordFile, error) {
	f := &passwordFile{path: path, log: log, done: make(chan struct{})}
	content, err := f.read()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPasswordFile, err)
	}
	f.current = sha256.Sum256(content)
	f.seen = f.current
	f.sums = parsePasswords(content)
	return f, nil
}

// read returns the content; a file that is not there is empty.
func (f *passwordFile) read() ([]byte, error) {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // to open a named pipe would take for ever
		return nil, fmt.Errorf("%s is not a regular file", f.path)
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := f.checkMode(file); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(content) > maxFile {
		err = fmt.Errorf("%s has more than %d bytes", f.path, maxFile)
	}
	return content, err
}

// checkMode refuses a file that others than its owner may write, and warns once of one
// that they may read.
func (f *passwordFile) checkMode(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	mode := info.Mode()
	if writableByOthers(mode) {
		return fmt.Errorf("%s can be written by others: its mode is %04o: must be 0600", f.path, mode.Perm())
	}
	if readableByOthers(mode) && !f.warned {
		f.warned = true
		f.log.Log(logs.PasswordsExposed, logs.Str("path", f.path), logs.Str("mode", fmt.Sprintf("%04o", mode.Perm())))
	}
	return nil
}

func (f *passwordFile) start() {
	f.guard.Report = func(p *contain.Panic) {
		f.log.Limited(logs.Contained, f.path, logs.Err(p), logs.Str("path", f.path), logs.Str("stack", string(p.Stack)))
	}
	f.guard.Go(&f.wg, "auth: password file", func() {
		tick := time.NewTicker(look)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				f.guard.Step("auth: look at the password file", f.look)
			case <-f.done:
				return
			}
		}
	}, nil)
}

// look reads the file, and takes new content over if the last look saw the same: a
// file that is being written is not read in half. What can't be read changes
// nothing.
func (f *passwordFile) look() {
	content, err := f.read()
	if err != nil {
		if text := err.Error(); text != f.lastErr {
			f.lastErr = text
			f.log.Log(logs.PasswordsStale, logs.Str("path", f.path), logs.Err(err))
		}
		return
	}
	f.lastErr = ""
	sum := sha256.Sum256(content)
	settled := sum == f.seen
	f.seen = sum
	if !settled || sum == f.current {
		return
	}
	f.current = sum
	f.mu.Lock()
	f.replace(parsePasswords(content))
	f.log.Log(logs.PasswordsLoaded, logs.Str("path", f.path), logs.Int("users", len(f.Users())))
}

func (f *passwordFile) close() {
	f.closing.Do(func() { close(f.done) })
	f.wg.Wait()
}

// parsePasswords reads lines as czmq does: the first equals sign splits, nothing is
// trimmed, and of two lines for a user the last one counts. Names and passwords
// that PLAIN can't carry are left out.
func parsePasswords(content []byte) map[string][sha256.Size]byte {
	sums := map[string][sha256.Size]byte{}
	for line := range bytes.SplitSeq(content, []byte{'\n'}) {
		user, password, ok := bytes.Cut(line, []byte{'='})
		if !ok || len(user) == 0 || line[0] == '#' || len(user) > maxText || len(password) > maxText {
			continue
		}
		sums[string(user)] = sha256.Sum256(password)
	}
	return sums
}
