package zmq4

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// losses are the endpoints that were dialled, for sockets with
// WithAutomaticReconnect(false).
type losses struct {
	mu    sync.Mutex
	list  map[string]*loss
	bound bool // peers may come by themselves
}

type loss struct {
	came bool // it has been connected; inproc: it is never over by itself
	told bool // that it is lost
}

func (l *losses) dialled(core *zmq.Socket, ep string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.list == nil {
		l.list = map[string]*loss{}
	}
	l.list[ep] = &loss{came: core.Endpoint(ep).State == zmq.EndpointReady}
}

func (l *losses) listens() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bound = true
}

func (l *losses) forget(ep string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.list, ep)
}

// over reports whether an endpoint that was dialled is lost.
func (o *loss) over(core *zmq.Socket, ep string) bool {
	st := core.Endpoint(ep)
	o.came = o.came || st.State == zmq.EndpointReady
	return st.State == zmq.EndpointOver || local(ep) && o.came && st.State != zmq.EndpointReady
}

func local(ep string) bool { return strings.HasPrefix(ep, endpoint.Inproc+"://") }

// cut takes a lost endpoint of inproc out, which would be connected again when another
// socket binds the name.
func (l *losses) cut(core *zmq.Socket, ep string) {
	l.mu.Lock()
	o := l.list[ep]
	lost := o != nil && local(ep) && o.over(core, ep)
	l.mu.Unlock()
	if lost {
		disconnectNow(core, ep)
	}
}

// disconnectNow ends an endpoint without waiting for what was accepted for it: its peer
// is gone.
func disconnectNow(core *zmq.Socket, ep string) {
	linger, err := core.Option("LINGER")
	if d, ok := linger.(time.Duration); ok && err == nil && core.Set(zmq.WithLinger(0)) == nil {
		defer core.Set(zmq.WithLinger(d))
	}
	_ = core.Disconnect(ep) // which the program may have done already
}

// news is an endpoint that is lost and nobody was told of; "": there is none.
func (l *losses) news(core *zmq.Socket) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ep, o := range l.list {
		if !o.told && o.over(core, ep) {
			return ep
		}
	}
	return ""
}

func (l *losses) tell(core *zmq.Socket, ep string) {
	l.cut(core, ep)
	l.mu.Lock()
	defer l.mu.Unlock()
	if o := l.list[ep]; o != nil {
		o.told = true
	}
}

// alone reports whether all endpoints that were dialled are lost, and nobody may come.
func (l *losses) alone(core *zmq.Socket) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ep, o := range l.list {
		if !o.over(core, ep) {
			return false
		}
	}
	return len(l.list) > 0 && !l.bound
}

// recvOrLoss receives, or says io.EOF when a peer is lost. What that one has sent comes
// first.
func (s *socket) recvOrLoss() (msg.Msg, error) {
	changed := make(chan struct{}, 1)
	defer s.core.Notify(changed)()
	for {
		lost := s.ends.news(s.core) // before the look: what came before it counts
		m, err := s.core.TryRecv()
		if !errors.Is(err, zmq.ErrAgain) {
			return m, err
		}
		if lost != "" {
			s.ends.tell(s.core, lost)
			return msg.Msg{}, io.EOF
		}
		select {
		case <-changed:
		case <-s.ctx.Done():
			return msg.Msg{}, s.ctx.Err()
		}
	}
}

// sendOrLoss sends, or says ErrClosedConn when nobody is left to send to.
func (s *socket) sendOrLoss(m Msg) error {
	ctx := s.ctx
	if s.cfg.timeout >= 0 {
		bounded, cancel := context.WithTimeout(ctx, s.cfg.timeout)
		defer cancel()
		ctx = bounded
	}
	changed := make(chan struct{}, 1)
	defer s.core.Notify(changed)()
	for own := (msg.Msg{Frames: m.Clone().Frames}); ; {
		if s.ends.alone(s.core) {
			return ErrClosedConn
		}
		if err := s.core.TrySend(own); !errors.Is(err, zmq.ErrAgain) {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
