package ztest

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// Flow is a stream of numbered messages whose number of frames, sizes and bytes
// follow from the seed and the number alone, so that a receiver knows what is
// right. It is a value that several goroutines may share.
//
// The first frame of each message begins with a stamp: flow, number, frame count,
// bytes in all frames, CRC-32C of the rest. With Bare, some messages are one empty
// frame, which no stamp fits into.
type Flow struct {
	ID    uint32
	Seed  uint64
	Multi bool // some messages have several frames, some of them empty
	Bare  bool // some messages are one empty frame; only for one flow and no loss
	Large int  // one message in about a thousand has up to so many bytes more
}

const (
	stampLen   = 28
	stampMagic = 0x7A74737A
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// mix is a stateless source of randomness: splitmix64.
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// shape is the frame count and the size of each frame behind the stamp.
type shape struct {
	parts int
	sizes [4]int
}

func (f *Flow) shape(num uint64) (s shape) {
	r := mix(f.Seed ^ mix(num+uint64(f.ID)<<40))
	s.parts = 1
	if f.Multi && r%4 == 0 {
		s.parts = 2 + int(r>>8)%3
	}
	for i := range s.parts {
		s.sizes[i] = int(r >> (16 + 8*i) & 63)
		if i > 0 && s.sizes[i] < 8 {
			s.sizes[i] = 0
		}
	}
	if f.Large > 0 && r>>48&1023 == 0 {
		s.sizes[s.parts-1] += int(mix(r) % uint64(f.Large))
	}
	return s
}

// bare reports whether the message is a single empty frame.
func (f *Flow) bare(num uint64) bool { return f.Bare && mix(num^f.Seed)%64 == 0 }

// Frames makes message num. alloc makes each frame; nil stands for make.
func (f *Flow) Frames(num uint64, alloc func(int) []byte) [][]byte {
	if alloc == nil {
		alloc = func(n int) []byte { return make([]byte, n) }
	}
	if f.bare(num) {
		return [][]byte{alloc(0)}
	}
	s := f.shape(num)
	frames := make([][]byte, s.parts)
	total := 0
	for i := range frames {
		n := s.sizes[i]
		if i == 0 {
			n += stampLen
		}
		frames[i] = alloc(n)
		fill(frames[i], num+uint64(i))
		total += n
	}
	f.stamp(frames, num, total)
	return frames
}

// fill writes a pattern.
func fill(p []byte, from uint64) {
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, from)
		from += 0x0101010101010101
		p = p[8:]
	}
	for i := range p {
		p[i] = byte(from) + byte(i)
	}
}

func (f *Flow) stamp(frames [][]byte, num uint64, total int) {
	b := frames[0]
	binary.LittleEndian.PutUint32(b, stampMagic)
	binary.LittleEndian.PutUint32(b[4:], f.ID)
	binary.LittleEndian.PutUint64(b[8:], num)
	binary.LittleEndian.PutUint32(b[16:], uint32(len(frames)))
	binary.LittleEndian.PutUint32(b[20:], uint32(total))
	binary.LittleEndian.PutUint32(b[24:], crcOf(frames))
}

// crcOf covers everything but the CRC's own place.
func crcOf(frames [][]byte) uint32 {
	sum := crc32.Update(0, castagnoli, frames[0][:stampLen-4])
	sum = crc32.Update(sum, castagnoli, frames[0][stampLen:])
	for _, p := range frames[1:] {
		sum = crc32.Update(sum, castagnoli, p)
	}
	return sum
}

// Open reads a stamped message. An error means that it is damaged, or only a part
// of what was sent.
func Open(frames [][]byte) (flow uint32, num uint64, err error) {
	if len(frames) == 0 || len(frames[0]) < stampLen {
		return 0, 0, fmt.Errorf("no stamp in %d frames", len(frames))
	}
	b := frames[0]
	total := 0
	for _, p := range frames {
		total += len(p)
	}
	flow, num = binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint64(b[8:])
	parts, size := binary.LittleEndian.Uint32(b[16:]), binary.LittleEndian.Uint32(b[20:])
	switch {
	case binary.LittleEndian.Uint32(b) != stampMagic:
		return 0, 0, fmt.Errorf("no stamp but % x", b[:stampLen])
	case int(parts) != len(frames) || int(size) != total:
		return flow, num, fmt.Errorf("message %d of flow %d in part: %d of %d frames, %d of %d bytes",
			num, flow, len(frames), parts, total, size)
	case binary.LittleEndian.Uint32(b[24:]) != crcOf(frames):
		return flow, num, fmt.Errorf("message %d of flow %d damaged", num, flow)
	}
	return flow, num, nil
}
