package zmq

import (
	"fmt"
	"slices"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/session"
)

// A peer that refuses our credentials is dialled again, seldom: it may come to know
// them, and it need not have been the peer who refused. As long as nobody else is there
// who could take or send a message, calls say so.

// refusedBy is called when the peer of an endpoint has refused our credentials, and with
// a nil err when its last attempt was not refused any more.
func (s *Socket) refusedBy(c *session.Connector, p *queue.Pipe, err error) {
	s.ends.mu.Lock()
	switch {
	case err == nil:
		delete(s.ends.refused, c)
	case s.ends.knows(c):
		s.ends.refused[c] = err
	}
	s.ends.mu.Unlock()
	s.offer(p, err == nil)
	s.judgeRefusals()
	s.watch.notify()
}

// knows reports whether c is one of our connected endpoints. The caller holds mu.
func (e *endpoints) knows(c *session.Connector) bool {
	for _, list := range e.dialled {
		if slices.Contains(list, closer(c)) {
			return true
		}
	}
	return false
}

// offer lets messages be queued for the peer of a connected endpoint, or not. What
// waits there stays. p is nil where nothing can wait: WithImmediate has no pipe without a
// peer.
func (s *Socket) offer(p *queue.Pipe, may bool) {
	if p == nil {
		return
	}
	pr := peerOf(p)
	if pr == nil || pr.immediate {
		return
	}
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	s.tx.offer(p, may)
}

// judgeRefusals looks whether there is nobody but peers that refuse us. It is called
// whenever that may have changed.
func (s *Socket) judgeRefusals() {
	s.ends.mu.Lock()
	why := s.ends.onlyRefusals()
	if why != nil {
		why = fmt.Errorf("%w: %v", ErrAuth, why)
		s.refused.Store(&why)
	} else {
		s.refused.Store(nil)
	}
	s.ends.mu.Unlock()
	if why != nil {
		s.wakeAll()
		s.peers.changed()
	}
}

// onlyRefusals says why nobody is there: every endpoint is connected, not bound, and
// has refused us. The caller holds mu.
func (e *endpoints) onlyRefusals() (why error) {
	if len(e.bound) > 0 || len(e.refused) == 0 {
		return nil
	}
	for _, list := range e.dialled {
		for _, c := range list {
			d, _ := c.(*session.Connector)
			if why = e.refused[d]; why == nil {
				return nil
			}
		}
	}
	return why
}

// connectAgain gives a connection to an endpoint that has refused us new options, and a
// new chance at once. It reports whether there is one.
func (s *Socket) connectAgain(text string, ep endpoint.Endpoint, cfg session.Config, o *options) (again bool, err error) {
	if ep.Scheme == endpoint.Inproc || ep.Scheme == endpoint.UDP {
		return false, nil
	}
	if cfg.Dial, err = s.zc.dialer(ep, o); err != nil {
		return false, endpointError("connect", text, err)
	}
	renewed := s.ends.renew(text, cfg)
	for _, c := range renewed {
		s.offer(c.Pipe(), true)
	}
	if len(renewed) > 0 {
		s.judgeRefusals()
	}
	return len(renewed) > 0, nil
}

// renew takes out, with another configuration, those connections to an endpoint that
// have been refused.
func (e *endpoints) renew(text string, cfg session.Config) (list []*session.Connector) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.dialled[text] {
		if d, ok := c.(*session.Connector); ok && e.refused[d] != nil {
			delete(e.refused, d)
			d.Renew(cfg)
			list = append(list, d)
		}
	}
	return list
}
