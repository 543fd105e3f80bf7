package zmq

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"

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
// When the disk refuses to work Send returns ErrSwap, and nothing was queued; sends go
// on as soon as the disk works or has room again. (Only a message whose flush has failed,
// with WithSwapSync, may have been sent before that was known.)
//
// dir must be the user's own or root's, and not open to everybody unless sticky, as /tmp
// is; the directories below it belong to this user alone. Otherwise Connect returns
// ErrSwap. What a process that was killed has left there of peers that had connected to
// it is removed by the next one.
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
	return s.openSwap(p, endpoint, swap.Config{Dir: dir, Sync: o.swapSync}, o)
}

// acceptedSwap gives the pipe of a peer that has connected to us its swap. Without
// one its queue in memory is all that it has.
func (s *Socket) acceptedSwap(p *pipe.Pipe, endpoint string, o *options) {
	if o.swapDir == "" || o.conflate {
		return
	}
	dir, err := s.nests.next(o.swapDir, s.typ.String()+"-peer-")
	if err == nil {
		err = s.openSwap(p, endpoint, swap.Config{Dir: dir, Temporary: true}, o)
	}
	if err != nil {
		s.swapFailed(endpoint, err)
	}
}

func (s *Socket) openSwap(p *pipe.Pipe, endpoint string, cfg swap.Config, o *options) error {
	cfg.Max = max(0, o.swapBytes)
	cfg.Report = func(d swap.Damage) {
		s.happened(session.Event{Kind: session.Gap, Endpoint: endpoint, Value: uint32(min(d.Lost, 1<<32-1)), Err: d})
	}
	log, err := swap.Open(cfg)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSwap, err)
	}
	p.SetSpill(pipe.NewSpill(log, cfg.Sync, cfg.Temporary, func(err error) { s.swapFailed(endpoint, err) }))
	return nil
}

// nests are the directories for what waits on disk for peers that have connected to
// this socket: one below each directory of WithSwap, for all of them.
type nests struct {
	mu   sync.Mutex
	list map[string]*swap.Nest
	n    int // logs so far
}

// next is the directory of a new log.
func (n *nests) next(parent, prefix string) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	nest := n.list[parent]
	if nest == nil {
		var err error
		if nest, err = swap.OpenNest(parent, prefix); err != nil {
			return "", err
		}
		if n.list == nil {
			n.list = map[string]*swap.Nest{}
		}
		n.list[parent] = nest
	}
	n.n++
	return filepath.Join(nest.Dir(), strconv.Itoa(n.n)), nil
}

// close removes the nests, when no pipe has a log in them any more.
func (n *nests) close() (err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, nest := range n.list {
		err = errors.Join(err, nest.Close())
	}
	n.list = nil
	return err
}

// closeNests removes what is left of the swaps of peers that had connected to us.
func (s *Socket) closeNests() {
	if err := s.nests.close(); err != nil {
		s.swapFailed("", err)
	}
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
