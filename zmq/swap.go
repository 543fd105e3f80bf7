package zmq

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/swap"
)

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
	s.tell(logs.SwapFailed, endpoint, logs.Err(err), logs.Str("endpoint", endpoint))
	s.note(session.Event{Kind: session.Gap, Endpoint: endpoint, Err: err})
}

// swapError is what Send returns when a pipe has answered Failed.
func swapError(p *pipe.Pipe) error {
	err := p.SpillError()
	if errors.Is(err, ErrSwap) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrSwap, err)
}
