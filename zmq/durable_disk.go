package zmq

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-zactor/zactor/internal/swap"
)

// keptFile holds the messages of one stream on disk. What history has of each is a
// note of where it is. The file begins anew whenever nothing of it is kept, and a
// message of which the disk has refused to take or to give back is missed like one
// beyond the bounds.
type keptFile struct {
	f    *os.File
	at   int64
	keep int64 // bytes up to which the file is left as it is when it is empty
}

const (
	noteSize   = 12
	reuseAfter = 1 << 20
)

// openKept makes a file that nobody else can open, and that ends with the process: where
// the system lets it, its name is gone before anything is written. Then files with such
// names are of the version before this one, and left says so of each.
func openKept(dir string, t Type) (k *keptFile, left []error, err error) {
	if err := swap.MakeDir(dir); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrSwap, err)
	}
	prefix := t.String() + "-durable-"
	f, err := os.CreateTemp(dir, prefix)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrSwap, err)
	}
	if os.Remove(f.Name()) == nil { // Windows can't while it is open: close does
		left = keptBefore(dir, prefix)
	}
	return &keptFile{f: f, keep: reuseAfter}, left, nil
}

// keptBefore names the files that the version before has made: it left them when its
// process was killed. They can't be read, because the numbers of the messages were in
// that process; they are not removed, because the process may run.
func keptBefore(dir, prefix string) (left []error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasPrefix(e.Name(), prefix) {
			left = append(left, fmt.Errorf("%w: %s: messages for durable subscribers, in the format of an earlier version; "+
				"nothing can read them without the process that wrote them: remove the file when that process has ended",
				ErrSwap, filepath.Join(dir, e.Name())))
		}
	}
	return left
}

// put writes a message and returns its note; an empty one when that was not possible.
func (k *keptFile) put(enc []byte) (note []byte) {
	if _, err := k.f.WriteAt(enc, k.at); err != nil {
		return nil
	}
	note = binary.BigEndian.AppendUint64(make([]byte, 0, noteSize), uint64(k.at))
	note = binary.BigEndian.AppendUint32(note, uint32(len(enc)))
	k.at += int64(len(enc))
	return note
}

func (k *keptFile) size(note []byte) int {
	if len(note) < noteSize {
		return 0
	}
	return int(binary.BigEndian.Uint32(note[8:]))
}

func (k *keptFile) get(note []byte) (enc []byte, ok bool) {
	enc = make([]byte, k.size(note))
	if len(enc) == 0 {
		return nil, false
	}
	_, err := k.f.ReadAt(enc, int64(binary.BigEndian.Uint64(note)))
	return enc, err == nil
}

// empty begins the file anew.
func (k *keptFile) empty() {
	if k.at > k.keep && k.f.Truncate(0) != nil {
		return
	}
	k.at = 0
}

func (k *keptFile) close() {
	_ = k.f.Close()
	_ = os.Remove(k.f.Name())
}
