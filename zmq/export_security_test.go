package zmq

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/budget"
	"github.com/go-zactor/zactor/internal/security"
	"github.com/go-zactor/zactor/internal/wire"
)

// SetZAPTimeout sets how long the authenticator may take.
func (c *Context) SetZAPTimeout(d time.Duration) { c.zap.timeout.Store(int64(d)) }

// WithCurveServerRand is WithCurveServer with randomness that a test knows.
func WithCurveServerRand(own *cert.Cert, rand func() io.Reader) Option {
	return choose("CURVE_SERVER", func() (mechanism, error) {
		pair, err := keyPair(own)
		return mechanism{name: "CURVE", server: true, seals: true, make: func() (wire.Mechanism, error) {
			return security.NewCurveServer(pair, rand()), nil
		}}, err
	})
}

// WithCurveClientRand is WithCurveClient with randomness that a test knows, and without
// the property by which we show that we are a zactor: the known answers lack it.
func WithCurveClientRand(own *cert.Cert, server [32]byte, rand func() io.Reader) Option {
	return choose("CURVE_SERVERKEY", func() (mechanism, error) {
		pair, err := keyPair(own)
		return mechanism{name: "CURVE", seals: true, make: func() (wire.Mechanism, error) {
			m, err := security.NewCurveClient(pair, &server, rand())
			return unmarked{m}, err
		}}, err
	})
}

type unmarked struct{ wire.Mechanism }

func (u unmarked) Start(metadata []byte) (wire.Step, error) {
	return u.Mechanism.Start(bytes.TrimSuffix(metadata, wire.AppendProperty(nil, "X-Zactor", []byte("1"))))
}

// OccupyDesk fills the Context's desk with questions until free is called.
func (c *Context) OccupyDesk() (free func()) {
	d := &c.zap
	d.mu.Lock()
	defer d.mu.Unlock()
	var held []*question
	for i := 0; d.turns.Held() < zapWaiting; i++ {
		q := &question{zc: c}
		q.turn, _ = d.turns.Enter(fmt.Sprint("occupier ", i), q)
		held = append(held, q)
	}
	return func() {
		for _, q := range held {
			d.leave(q)
		}
	}
}

// WidenDesk lets so many questions be open.
func (c *Context) WidenDesk(n int) { c.zap.turns = budget.NewTurns[*question](n, n) }
