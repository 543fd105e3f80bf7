package zmq

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-zactor/zactor/internal/swap"
)

// keptFile holds the messages of one stream on disk, in a few files of which the oldest
// goes when nothing of it is kept any more: what is on disk is what is kept, and at most a
// third more, or keptPart. What history has of each message is a note of where it is. A
// message that the disk has refused to take or to give back, or that has changed there, is
// missed like one beyond the bounds.
type keptFile struct {
	dir, prefix string
	max         int64 // bytes on disk; 0: no bound
	parts       []*keptPart
	first       uint32 // number of parts[0]
	bytes       int64  // of all
}

// keptPart is one file.
type keptPart struct {
	f    *os.File
	size int64
	kept int // messages in it that are kept
}

const (
	noteSize    = 20
	keptAtLeast = 64 << 10 // size of a part, from which on the next one begins
)

// openKept makes files that nobody else can open, and that end with the process: where the
// system lets it, their names are gone before anything is written. Then files with such
// names are of the version before this one, and left says so of each.
func openKept(dir string, max int64, t Type) (k *keptFile, left []error, err error) {
	if err := swap.MakeDir(dir); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrSwap, err)
	}
	k = &keptFile{dir: dir, prefix: t.String() + "-durable-", max: max}
	nameless, err := k.begin()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrSwap, err)
	}
	if nameless {
		left = keptBefore(dir, k.prefix)
	}
	return k, left, nil
}

// begin begins a new part; nameless says that its name is gone already.
func (k *keptFile) begin() (nameless bool, err error) {
	f, err := os.CreateTemp(k.dir, k.prefix)
	if err != nil {
		return false, err
	}
	nameless = os.Remove(f.Name()) == nil // Windows can't while it is open: end does
	k.parts = append(k.parts, &keptPart{f: f})
	return nameless, nil
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

// put writes a message and returns its note; nil when that was not possible.
func (k *keptFile) put(enc []byte) (note []byte) {
	size := int64(len(enc))
	if k.max > 0 && k.bytes+size > k.max {
		return nil
	}
	p := k.parts[len(k.parts)-1]
	if p.size > 0 && p.size+size > max(keptAtLeast, k.bytes/4) {
		if _, err := k.begin(); err != nil {
			return nil
		}
		p = k.parts[len(k.parts)-1]
	}
	if _, err := p.f.WriteAt(enc, p.size); err != nil {
		return nil
	}
	note = binary.BigEndian.AppendUint32(make([]byte, 0, noteSize), k.first+uint32(len(k.parts))-1)
	note = binary.BigEndian.AppendUint64(note, uint64(p.size))
	note = binary.BigEndian.AppendUint32(note, uint32(size))
	note = binary.BigEndian.AppendUint32(note, crc32.Checksum(enc, castagnoli))
	p.size += size
	p.kept++
	k.bytes += size
	return note
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (k *keptFile) size(note []byte) int {
	if len(note) < noteSize {
		return 0
	}
	return int(binary.BigEndian.Uint32(note[12:]))
}

// part is the one that a message is in.
func (k *keptFile) part(note []byte) *keptPart {
	return k.parts[binary.BigEndian.Uint32(note)-k.first]
}

func (k *keptFile) get(note []byte) (enc []byte, ok bool) {
	if len(note) < noteSize {
		return nil, false
	}
	enc = make([]byte, k.size(note))
	if _, err := k.part(note).f.ReadAt(enc, int64(binary.BigEndian.Uint64(note[4:]))); err != nil {
		return nil, false
	}
	return enc, crc32.Checksum(enc, castagnoli) == binary.BigEndian.Uint32(note[16:])
}

// oldest is how many messages must be dropped for the oldest part to go.
func (k *keptFile) oldest() int { return max(1, k.parts[0].kept) }

// drop says that a message, the oldest, is not kept any more.
func (k *keptFile) drop(note []byte) {
	if len(note) < noteSize {
		return
	}
	k.part(note).kept--
	for p := k.parts[0]; p.kept == 0; p = k.parts[0] {
		if len(k.parts) == 1 {
			if p.f.Truncate(0) == nil {
				k.bytes, p.size = 0, 0
			}
			return
		}
		p.end()
		k.bytes -= p.size
		k.parts[0] = nil
		k.parts = k.parts[1:]
		k.first++
	}
}

func (p *keptPart) end() {
	_ = p.f.Close()
	_ = os.Remove(p.f.Name())
}

func (k *keptFile) close() {
	for _, p := range k.parts {
		p.end()
	}
}
