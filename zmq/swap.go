package zmq

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/swap"
)

// connectedSwap opens the swap of a connected endpoint, nil where there is none. It waits
// for the disk, so the caller holds no lock.
func (s *Socket) connectedSwap(text string, ep endpoint.Endpoint, o *options) (*queue.Spill, error) {
	if ep.Scheme == endpoint.Inproc || ep.Scheme == endpoint.UDP {
		return nil, nil
	}
	if o.swapDir == "" {
		if o.swapSync {
			return nil, fmt.Errorf("%w: SWAP_SYNC = true: there is no swap, see WithSwap", ErrInvalidOption)
		}
		return nil, nil
	}
	if o.immediate || o.conflate {
		return nil, fmt.Errorf("%w: SWAP_DIR = %q: not with IMMEDIATE or CONFLATE, which want nothing to wait", ErrInvalidOption, o.swapDir)
	}
	dir := filepath.Join(o.swapDir, s.typ.String()+"-"+url.PathEscape(text))
	return s.openSwap(text, swap.Config{Dir: dir, Sync: o.swapSync}, o)
}

// acceptedSwap gives the pipe of a peer that has connected to us its swap. Without
// one its queue in memory is all that it has.
func (s *Socket) acceptedSwap(p *queue.Pipe, endpoint string, o *options) {
	if o.swapDir == "" || o.conflate {
		return
	}
	dir, err := s.nests.next(o.swapDir, s.typ.String()+"-peer-")
	var spill *queue.Spill
	if err == nil {
		spill, err = s.openSwap(endpoint, swap.Config{Dir: dir, Temporary: true}, o)
	}
	if err != nil {
		s.swapFailed(endpoint, err)
		return
	}
	p.SetSpill(spill)
}

func (s *Socket) openSwap(endpoint string, cfg swap.Config, o *options) (*queue.Spill, error) {
	cfg.Max, cfg.Disk = max(0, o.swapBytes), s.zc.disk
	cfg.Report = func(d swap.Damage) {
		s.event(link.Event{Kind: link.Gap, Endpoint: endpoint, Value: uint32(min(d.Lost, 1<<32-1)), Err: d})
	}
	log, err := swap.Open(cfg)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSwap, err)
	}
	return queue.NewSpill(log, cfg.Sync, cfg.Temporary, func(err error) { s.swapFailed(endpoint, err) }), nil
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
	s.note(link.Event{Kind: link.Gap, Endpoint: endpoint, Err: err})
}
