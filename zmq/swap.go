package zmq

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/swap"
)

// WithSwap lets messages wait on disk where a peer's queue is at its high-water
// mark, instead of waiting or being dropped: in files below dir, of at most maxBytes
// for each peer (0: no bound). When that is full too, the high-water mark's own rule
// holds. Order is kept. It is for endpoints of tcp, ipc and ws; not together with
// WithImmediate or WithConflate. (ZMQ_SWAP of ZeroMQ 2)
//
// What waits for a connected endpoint outlives the program: the next one that
// connects a socket of the same type to the same endpoint with the same dir sends it
// first. A directory has one user at a time; Connect returns ErrSwap while another
// has it. What waits for a peer that connected to a bound endpoint ends with that
// peer, like its queue in memory.
//
// After a crash, or when a connection breaks, messages that were on their way are
// sent again: a receiver may see some twice, in order. A damaged file is reported by
// EventGap, with the file and the position, and what is behind the damage is sent.
// When the disk refuses to work Send returns ErrSwap, and nothing was queued.
func WithSwap(dir string, maxBytes int64) Option {
	return Option{"", several{{"SWAP_DIR", dir}, {"SWAP", maxBytes}}}
}

// WithSwapSync makes every message for a connected endpoint go through the swap, and
// Send return only when it is on the disk: nothing that was accepted is lost when
// the program is killed or the machine loses its power. Senders that wait at the
// same time share one flush. It needs WithSwap.
func WithSwapSync(on bool) Option { return Option{"SWAP_SYNC", on} }

// connectedSwap gives the pipe of a connected endpoint its swap.
func (s *Socket) connectedSwap(p *pipe.Pipe, endpoint string, o *options) error {
	if o.swapDir == "" {
		if o.swapSync {
			return fmt.Errorf("%w: SWAP_SYNC = true: there is no swap, see WithSwap", ErrInvalidOption)
		}
		return nil
	}
	if o.immediate || o.conflate {
		return fmt.Errorf("%w: SWAP_DIR = %q: not with IMMEDIATE or CONFLATE, which want nothing to wait", ErrInvalidOption, o.swapDir)
	}
	dir := filepath.Join(o.swapDir, s.typ.String()+"-"+url.PathEscape(endpoint))
	return s.openSwap(p, endpoint, dir, o, false)
}

// acceptedSwap gives the pipe of a peer that has connected to us its swap. Without
// one its queue in memory is all that it has.
func (s *Socket) acceptedSwap(p *pipe.Pipe, endpoint string, o *options) {
	if o.swapDir == "" || o.conflate {
		return
	}
	dir, err := "", os.MkdirAll(o.swapDir, 0o700)
	if err == nil {
		dir, err = os.MkdirTemp(o.swapDir, s.typ.String()+"-peer-")
	}
	if err == nil {
		err = s.openSwap(p, endpoint, dir, o, true)
	}
	if err != nil {
		s.swapFailed(endpoint, err)
	}
}

func (s *Socket) openSwap(p *pipe.Pipe, endpoint, dir string, o *options, temporary bool) error {
	log, err := swap.Open(swap.Config{Dir: dir, Max: max(0, o.swapBytes), Report: func(d swap.Damage) {
		s.happened(session.Event{Kind: session.Gap, Endpoint: endpoint, Value: uint32(min(d.Lost, 1<<32-1)), Err: d})
	}})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSwap, err)
	}
	p.SetSpill(pipe.NewSpill(log, o.swapSync && !temporary, temporary, func(err error) { s.swapFailed(endpoint, err) }))
	return nil
}

// swapFailed reports that the disk has refused to work.
func (s *Socket) swapFailed(endpoint string, err error) {
	s.opts.get().log.Error().Err(err).Str("endpoint", endpoint).Msg("swap")
	s.happened(session.Event{Kind: session.Gap, Endpoint: endpoint, Err: err})
}

// swapError is what Send returns when a pipe has answered Failed.
func swapError(p *pipe.Pipe) error {
	err := p.SpillError()
	if errors.Is(err, ErrSwap) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrSwap, err)
}
