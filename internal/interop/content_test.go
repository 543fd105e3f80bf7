//go:build interop

package interop

import (
	"crypto/sha3"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

// frame is one frame to send: bytes given as they are, or a size and a seed
// from which both sides make the same bytes (content here, content in peer.py).
type frame struct {
	text string
	size int
	seed int
}

// raw is a frame of exactly these bytes.
func raw(text string) frame { return frame{text: text, size: -1} }

// sized is a frame of n made-up bytes.
func sized(n, seed int) frame { return frame{size: n, seed: seed} }

func (f frame) bytes() []byte {
	if f.size < 0 {
		return []byte(f.text)
	}
	return content(f.size, f.seed)
}

// MarshalJSON writes the frame as peer.py's decode reads it.
func (f frame) MarshalJSON() ([]byte, error) {
	if f.size < 0 {
		return json.Marshal(map[string]string{"hex": hex.EncodeToString([]byte(f.text))})
	}
	return json.Marshal(map[string]int{"size": f.size, "seed": f.seed})
}

// content is the first bytes of SHAKE128 of the seed in decimal. The top bit
// of its first byte is set, so that no payload looks like a subscription.
func content(size, seed int) []byte {
	data := sha3.SumSHAKE128([]byte(strconv.Itoa(seed)), size)
	if size > 0 {
		data[0] |= 0x80
	}
	return data
}

// digest is what is told of a received frame: enough to compare it with the
// one that was sent, and the bytes themselves where they are few.
type digest struct {
	Size int    `json:"size"`
	CRC  uint32 `json:"crc"`
	Hex  string `json:"hex"`
}

// shortFrame is the largest frame that digest carries whole; as in peer.py.
const shortFrame = 64

func digestOf(b []byte) digest {
	d := digest{Size: len(b), CRC: crc32.ChecksumIEEE(b)}
	if len(b) <= shortFrame {
		d.Hex = hex.EncodeToString(b)
	}
	return d
}

// text returns the bytes of a short frame.
func (d digest) text() string {
	b, err := hex.DecodeString(d.Hex)
	if err != nil {
		return ""
	}
	return string(b)
}

func (d digest) String() string {
	if d.Size <= shortFrame {
		return strconv.Quote(d.text())
	}
	return fmt.Sprintf("%dB#%08x", d.Size, d.CRC)
}

// message is a received message, frame by frame.
type message []digest

func (m message) String() string {
	parts := make([]string, len(m))
	for i, d := range m {
		parts[i] = d.String()
	}
	return "[" + strings.Join(parts, " ") + "]"
}

func (m message) equal(frames []frame) bool {
	if len(m) != len(frames) {
		return false
	}
	for i, f := range frames {
		if m[i] != digestOf(f.bytes()) {
			return false
		}
	}
	return true
}

// frameSizes are the sizes of the matrix: around the short and the long frame
// header of ZMTP, around a buffer, and well beyond one.
var frameSizes = []int{0, 1, 255, 256, 64 << 10, 1 << 20}

// traffic is what is sent over every link: each size alone, then multipart
// messages in which every size occurs, an empty frame first, last and between.
func traffic() [][]frame {
	var list [][]frame
	for i, n := range frameSizes {
		list = append(list, []frame{sized(n, i)})
	}
	return append(list,
		[]frame{sized(0, 10), sized(1, 11), sized(255, 12)},
		[]frame{sized(256, 13), sized(0, 14), sized(64<<10, 15), sized(1<<20, 16)},
		[]frame{sized(1<<20, 17), sized(1, 18), sized(0, 19)},
	)
}
