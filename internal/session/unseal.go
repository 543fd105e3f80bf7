package session

import "github.com/go-zactor/zactor/internal/wire"

// opened is a sealed frame that was opened before its turn.
type opened struct {
	place   uint64
	body    []byte
	flags   byte
	payload []byte
	err     error
}

// aheadMin is how many bytes are worth looking for frames to open at once, and
// aheadMost how many frames are.
const (
	aheadMin  = 16 << 10
	aheadMost = 256
)

// openAhead opens the whole frames from b on wherever there is a processor, if
// there are enough. They are looked at in their order later, as if each had been
// opened then.
func (d *decoder) openAhead(b []byte) {
	d.ahead, d.turn = d.ahead[:0], 0
	if len(b) < aheadMin || maxWorkers() == 1 {
		return
	}
	limit, bytes := parallelBytes(), 0
	for bytes < limit && len(d.ahead) < aheadMost {
		flags, head, size, err := wire.ParseHeader(b[bytes:])
		if err != nil || head == 0 || uint64(len(b)-bytes-head) < size {
			break
		}
		body := b[bytes+head : bytes+head+int(size)]
		if d.c.beats(flags, body) {
			break // it has no place among the sealed ones
		}
		o := opened{body: body}
		if o.place, o.err = d.c.result.Sealer.Admit(flags, body); o.err != nil {
			d.ahead = append(d.ahead, o)
			break // there is nothing behind an error
		}
		d.ahead = append(d.ahead, o)
		bytes += head + int(size)
	}
	parallel(len(d.ahead), bytes, func(i int) {
		if o := &d.ahead[i]; o.err == nil {
			o.flags, o.payload, o.err = d.c.result.Sealer.OpenAt(o.place, o.body)
		}
	})
}

// rest gives up what a burst has needed.
func (d *decoder) rest() {
	if d.turn == len(d.ahead) {
		d.ahead, d.turn = nil, 0
	}
}

// open opens the frame whose turn it is.
func (d *decoder) open(flags byte, body []byte) (inner byte, payload []byte, err error) {
	if d.turn == len(d.ahead) {
		return d.c.result.Sealer.Open(flags, body)
	}
	o := d.ahead[d.turn]
	d.ahead[d.turn] = opened{}
	d.turn++
	return o.flags, o.payload, o.err
}
