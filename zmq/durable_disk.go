package zmq

import (
	"encoding/binary"
	"fmt"
	"os"

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
// the system lets it, its name is gone before anything is written.
func openKept(dir string, t Type) (*keptFile, error) {
	if err := swap.MakeDir(dir); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSwap, err)
	}
	f, err := os.CreateTemp(dir, t.String()+"-durable-")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSwap, err)
	}
	_ = os.Remove(f.Name()) // Windows can't while it is open: close does
	return &keptFile{f: f, keep: reuseAfter}, nil
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
