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
// slots, written in turn, so that a torn one leaves the other.
type progress struct {
	f    *os.File
	turn int64
}

const slotSize = 12 // the number (8) and its check (4)

func openProgress(dir string) (p *progress, acked uint64, err error) {
	f, err := os.OpenFile(filepath.Join(dir, "acknowledged"), os.O_RDWR|os.O_CREATE, 0o600)
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
	return &progress{f: f}, acked, nil
}

func (p *progress) write(acked uint64) error {
	slot := binary.BigEndian.AppendUint64(make([]byte, 0, slotSize), acked)
	slot = binary.BigEndian.AppendUint32(slot, crc32.Checksum(slot, castagnoli))
	_, err := p.f.WriteAt(slot, p.turn*slotSize)
	p.turn = 1 - p.turn
	return err
}
