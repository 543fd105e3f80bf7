package probe

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"github.com/go-zactor/zactor/cmd/zactor/internal/chart"
	"github.com/go-zactor/zactor/internal/wire"
)

// mostFrame is how large a frame may be that comes while we wait for a PONG. None should.
const mostFrame = 1 << 20

// trips sends PINGs one after the other, and counts how long each PONG takes.
func (l *line) trips(ctx context.Context, e entry, n int, every time.Duration) (*chart.Hist, error) {
	h := new(chart.Hist)
	f := frames{r: l.nc, rest: e.rest, sealer: e.result.Sealer}
	if f.sealer != nil {
		defer f.sealer.Close()
	}
	for i := range n {
		if i > 0 && !sleep(ctx, every) {
			return h, nil
		}
		context := binary.BigEndian.AppendUint64(nil, uint64(i))
		start := time.Now()
		if _, err := l.nc.Write(f.ping(context)); err != nil {
			return h, err
		}
		for {
			c, err := f.command()
			if err != nil {
				return h, err
			}
			if c.Kind == wire.Pong && string(c.Data) == string(context) {
				break
			}
		}
		h.Add(time.Since(start))
	}
	return h, nil
}

// sleep reports whether ctx goes on.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// frames are what comes after the handshake.
type frames struct {
	r      io.Reader
	rest   []byte
	sealer wire.Sealer
}

func (f *frames) ping(context []byte) []byte {
	if f.sealer == nil {
		return wire.AppendPing(nil, 0, context)
	}
	return f.sealer.Seal(nil, wire.FlagCommand, wire.AppendPingBody(nil, 0, context))
}

// command is the next command. Messages are passed over.
func (f *frames) command() (wire.Command, error) {
	for {
		flags, body, err := f.frame()
		if err != nil {
			return wire.Command{}, err
		}
		if f.sealer != nil {
			if flags, body, err = f.sealer.Open(flags, body); err != nil {
				return wire.Command{}, err
			}
		}
		if flags&wire.FlagCommand != 0 {
			return wire.ParseCommand(body)
		}
	}
}

func (f *frames) frame() (flags byte, body []byte, err error) {
	for {
		flags, head, size, err := wire.ParseHeader(f.rest)
		switch {
		case err != nil:
			return 0, nil, err
		case size > mostFrame:
			return 0, nil, errors.New("a frame of more than 1 MiB came instead of a PONG")
		case head > 0 && len(f.rest) >= head+int(size):
			body = append([]byte(nil), f.rest[head:head+int(size)]...)
			f.rest = f.rest[head+int(size):]
			return flags, body, nil
		}
		var p [4096]byte
		n, err := f.r.Read(p[:])
		if n == 0 && err != nil {
			return 0, nil, err
		}
		f.rest = append(f.rest, p[:n]...)
	}
}
