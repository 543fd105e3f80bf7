package swap

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// progress is the file that says how far the records were acknowledged. It has two
// slots, written in turn, so that a torn one leaves the other. Both are there from the
// beginning, so that a note needs no room on a disk that has become full.
type progress struct {
	f    File
	turn int64
	told bool // the last note could not be written, and that was said
}

const slotSize = 12 // the number (8) and its check (4)

func openProgress(d Disk, dir string) (p *progress, acked uint64, err error) {
	f, err := d.Open(filepath.Join(dir, "acknowledged"), os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, 0, err
	}
	var b [2 * slotSize]byte
	if _, err := f.ReadAt(b[:], 0); err != nil && !errors.Is(err, io.EOF) {
		f.Close()
		return nil, 0, err
	}
	for i := range 2 {
		slot := b[i*slotSize:][:slotSize]
		n := binary.BigEndian.Uint64(slot)
		if crc32.Checksum(slot[:8], castagnoli) == binary.BigEndian.Uint32(slot[8:]) {
			acked = max(acked, n)
		}
	}
	p = &progress{f: f}
	for range 2 {
		_ = p.write(acked) // a disk that is full already: later, or never
	}
	return p, acked, nil
}

// write notes how far the records were acknowledged. A failure is an error once, until
// a later note could be written.
func (p *progress) write(acked uint64) error {
	slot := binary.BigEndian.AppendUint64(make([]byte, 0, slotSize), acked)
	slot = binary.BigEndian.AppendUint32(slot, crc32.Checksum(slot, castagnoli))
	_, err := p.f.WriteAt(slot, p.turn*slotSize)
	if err == nil {
		p.turn, p.told = 1-p.turn, false
		return nil
	}
	if p.told {
		return nil
	}
	p.told = true
	return err
}
