package pgm

import (
	"net/netip"
	"testing"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/pgm/packet"
	"github.com/go-zactor/zactor/internal/pgm/stream"
	"github.com/go-zactor/zactor/internal/queue"
)

// FuzzFeed has a receiver with its joiner hear packets of sources that a script makes up,
// with payloads of its own, while the pipe is read or full. Every message that comes out is
// within the limits, and in the end the sources go and leave nothing.
func FuzzFeed(f *testing.F) {
	f.Add([]byte("\x00\x01\x05\x00\x00\x02\x00a"), []byte("\x01\x00\x06\x00\x00\x01\x01bc"), []byte("\x02\x01\x07\xff\xff\x00\x00\x03"))
	f.Add([]byte("\x00\x00\x01\x00\x00\x01\x01topic0\x08\x00hello-0"), []byte("\x03\x00\x05"), []byte("\x00\x00\x03\x00\x00\x02\x00a"))
	ep, err := endpoint.Parse("epgm://127.0.0.1;239.194.1.1:5555")
	if err != nil {
		f.Fatal(err)
	}
	groups, err := ep.Groups()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, one, two, three []byte) {
		s := newSocket(2)
		limits := stream.Limits{Size: 1 << 12, Parts: 4}
		r := newReceiver(Config{Endpoint: ep, TPDU: 1500, Limits: limits}, place{port: 5555, groups: groups}, s)
		for range 3 {
			for _, b := range [][]byte{one, two, three} {
				if len(b) < 3 {
					continue
				}
				h := packet.Header{SourcePort: 1 + uint16(b[1]%3), DestPort: 5555, GSI: packet.GSI{1, 2, 3, 4, 5, b[1] % 3}}
				sqn, p := uint32(b[2]), []byte(nil)
				switch b[0] % 4 {
				case 0:
					p = h.AppendData(nil, packet.Data{Sqn: sqn, Trail: sqn &^ 7, Body: b[3:]})
				case 1:
					p = h.AppendSPM(nil, packet.SPM{Sqn: sqn, Trail: sqn, Lead: sqn + 3, NLA: netip.MustParseAddr("127.0.0.1"), Fin: b[1]&8 != 0})
				case 2:
					p = b
				default:
					for _, pipe := range s.pipes {
						takeAll(t, pipe, limits)
					}
					continue
				}
				r.take(datagram{group: groups[0], from: netip.MustParseAddr("127.0.0.1"), data: p})
			}
		}
		r.end(ErrClosed)
		for _, pipe := range s.pipes {
			takeAll(t, pipe, limits)
		}
		r.retireAll()
		r.wg.Wait()
		if s.live != 0 {
			t.Errorf("%d sources are left", s.live)
		}
	})
}

func takeAll(t *testing.T, p *queue.Pipe, limits stream.Limits) {
	for {
		m, ok, resume := p.In.Next(0)
		if resume {
			p.Resume()
		}
		if !ok {
			return
		}
		size := 0
		for _, f := range m.Frames {
			size += len(f)
		}
		if len(m.Frames) == 0 || len(m.Frames) > limits.Parts || size > int(limits.Size) {
			t.Fatalf("a message of %d frames, %d bytes", len(m.Frames), size)
		}
	}
}
