package zmq

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/inproc"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/zap"
	"github.com/go-zactor/zactor/msg"
)

// This file is the core's side of ZAP (RFC 27): it asks whoever has bound the
// authenticator's name in the Context. Each question has a link of its own, so that
// questions need not wait for each other and an answer that comes late reaches
// nobody.

const (
	// zapName is the inproc name of the authenticator.
	zapName = "zeromq.zap.01"
	// zapTimeout is how long the authenticator may take, unless a test says else.
	zapTimeout = 5 * time.Second
	// zapWaiting bounds the questions that are open at the same time: more than the
	// handshakes of a listener, so that one that floods holds up no other. Those beyond
	// wait for their turn.
	zapWaiting = 2 * defaultHandshakes
)

var (
	errNoAuthenticator   = errors.New("no authenticator in this context")
	errAuthenticatorGone = errors.New("the authenticator left without an answer")
	errAuthenticatorSlow = errors.New("the authenticator did not answer in time")
	errAuthenticatorBusy = errors.New("too many questions wait for the authenticator")
	errExpelled          = fmt.Errorf("%w: the permission was withdrawn", ErrAuth)
)

// zapDesk is what a Context knows of its authenticator.
type zapDesk struct {
	open    chan struct{} // a token for each question
	timeout atomic.Int64  // a time.Duration, for tests; 0: zapTimeout
	// epoch counts the calls of Expel. A peer whose permission is from an earlier
	// epoch than its attachment might have lost it in between.
	epoch atomic.Uint64
}

// stillValid says whether a peer that becomes visible to Expel at this moment had its
// permission before the last Expel. If it had, it must ask again.
func (d *zapDesk) stillValid(peer *session.Peer) error {
	if peer.Asked && peer.Epoch != d.epoch.Load() {
		return errExpelled
	}
	return nil
}

// Expel ends the connections whose peer an authenticator has let in and for whom
// match is true, on all sockets of the Context, and returns how many there were.
// It is how an authenticator withdraws a permission: a peer that was asked about
// but is not connected yet must ask once more.
func (c *Context) Expel(match func(PeerInfo) bool) int {
	c.zap.epoch.Add(1)
	n := 0
	for _, s := range c.list() {
		for _, a := range s.authorized() {
			if match(a.info) {
				a.link.Stop(errExpelled)
				n++
			}
		}
	}
	return n
}

func (c *Context) list() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]*Socket, 0, len(c.sockets))
	for s := range c.sockets {
		list = append(list, s)
	}
	return list
}

// authorized is a peer that the authenticator has let in.
type authorized struct {
	info PeerInfo
	link session.Link
}

func (s *Socket) authorized() (list []authorized) {
	s.recvMu.Lock() // see Peers
	defer s.recvMu.Unlock()
	s.peers.mu.Lock()
	defer s.peers.mu.Unlock()
	for p, pr := range s.peers.pipes {
		if pr.ready && pr.asked {
			list = append(list, authorized{pr.info(p), pr.link})
		}
	}
	return list
}

// authorizer asks the authenticator about the peers of one endpoint.
func (s *Socket) authorizer(o *options) func(context.Context, wire.Credentials, net.Conn) session.Verdict {
	return func(ctx context.Context, c wire.Credentials, nc net.Conn) session.Verdict {
		v := session.Verdict{Domain: o.sec.domain, Epoch: s.zc.zap.epoch.Load()}
		if c.PublicKey != nil {
			v.PublicKey, _ = cert.EncodeZ85(c.PublicKey)
		}
		frames, id, err := s.zc.ask(ctx, zap.Request{
			Domain: o.sec.domain, Address: zapAddress(nc), RoutingID: o.routingID,
			Mechanism: c.Mechanism, Credentials: zap.CredentialFrames(c),
		})
		switch {
		case errors.Is(err, errNoAuthenticator) && o.sec.anyKey:
			v.Decision = wire.Decision{Allow: true, Status: zap.StatusSuccess}
		case errors.Is(err, errNoAuthenticator), errors.Is(err, errAuthenticatorGone):
			v.Decision.Status = zap.StatusRetry
			v.Err = absent{err}
		case err != nil:
			// The peer is told nothing and tries again: it has done nothing wrong.
			v.Decision.Status = zap.StatusRetry
			v.Err = fmt.Errorf("%w: %w", &wire.RefusedError{Status: zap.StatusRetry}, err)
		default:
			judge(&v, frames, id)
		}
		return v
	}
}

// absent is the refusal of a peer because nobody could be asked: as in libzmq it is a
// handshake that failed without a status, and with EFAULT.
type absent struct{ why error }

func (e absent) Error() string   { return ErrAuth.Error() + ": " + e.why.Error() }
func (e absent) Unwrap() []error { return []error{ErrAuth, e.why} }

// As gives the event its number.
func (e absent) As(target any) bool {
	no, ok := target.(*syscall.Errno)
	if ok {
		*no = syscall.EFAULT
	}
	return ok
}

// judge reads the answer; zap.Decide alone turns it into a permission.
func judge(v *session.Verdict, frames [][]byte, id []byte) {
	decision, reply, err := zap.Decide(frames, id)
	v.Decision, v.Err = decision, err
	switch {
	case err != nil:
	case decision.Allow:
		v.UserID, v.Metadata = reply.UserID, reply.Metadata
	default:
		v.Err = &wire.RefusedError{Status: decision.Status}
		if reply.Text != "" {
			v.Err = fmt.Errorf("%w: %s", v.Err, wire.Quote([]byte(reply.Text)))
		}
	}
}

// zapAddress is a peer's address as the authenticator is told it: without the port,
// and for a local peer the ids of its user, group and process.
func zapAddress(nc net.Conn) string {
	if cred, ok := transport.Credentials(nc); ok {
		return fmt.Sprintf(":%d:%d:%d", cred.UID, cred.GID, cred.PID)
	}
	addr := nc.RemoteAddr()
	switch {
	case addr == nil:
		return ""
	case addr.Network() == "unix":
		return ":::" // local, and the system does not say who
	}
	host, _, err := net.SplitHostPort(addr.String())
	if err != nil {
		return ""
	}
	return host
}

// ask puts a question to the authenticator and waits for the frames of its answer.
func (c *Context) ask(ctx context.Context, r zap.Request) (reply [][]byte, id []byte, err error) {
	// Nobody can guess an id, and so nobody can answer a question that was not put
	// to him. It is text because there are authenticators that read it as such.
	r.ID = []byte(rand.Text())
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(time.Duration(c.zap.timeout.Load()), zapTimeout))
	defer cancel()
	select {
	case c.zap.open <- struct{}{}:
		defer func() { <-c.zap.open }()
	case <-ctx.Done():
		return nil, nil, errAuthenticatorBusy
	}
	q := newQuestion()
	link, err := c.names.ConnectBound(zapName, inproc.End{Host: q, Type: "DEALER"}, q.pipe)
	switch {
	case errors.Is(err, inproc.ErrUnbound):
		return nil, nil, errNoAuthenticator
	case err != nil:
		return nil, nil, err
	}
	defer link.Stop(nil)
	reply, err = q.put(ctx, r.Encode())
	return reply, r.ID, err
}

// question is the asking end of a link to the authenticator.
type question struct {
	pipe *queue.Pipe
	news chan struct{} // a token when there may be an answer
	gone chan struct{} // closed when there will be none
	left atomic.Bool
}

func newQuestion() *question {
	q := &question{news: make(chan struct{}, 1), gone: make(chan struct{})}
	q.pipe = queue.NewJoinable(q, queue.Limits{})
	q.pipe.SetOrigin(localOrigin(zapName, ""))
	return q
}

// Readable implements queue.Owner.
func (q *question) Readable(*queue.Pipe) {
	select {
	case q.news <- struct{}{}:
	default:
	}
}

// Writable implements queue.Owner: there is but one message to send.
func (q *question) Writable(*queue.Pipe) {}

// AttachLocal implements inproc.Host.
func (q *question) AttachLocal(*queue.Pipe, string, string, []byte) error { return nil }

// LinkedLocal implements inproc.Host.
func (q *question) RefusedLocal(*queue.Pipe, string, error) {}

func (q *question) LinkedLocal(*queue.Pipe, *inproc.Connection) {}

// Lost implements inproc.Host: a question that nobody has read gets no answer.
func (q *question) Lost(*queue.Pipe, int) {}

// DetachLocal implements inproc.Host. Another authenticator that takes the name
// closedErr has not got the question.
func (q *question) DetachLocal(*queue.Pipe, bool) {
	if !q.left.Swap(true) {
		close(q.gone)
	}
}

// put sends the question and takes the first answer.
func (q *question) put(ctx context.Context, frames [][]byte) ([][]byte, error) {
	status, flush := q.pipe.Put(nil, frames, false)
	if status != queue.OK {
		return nil, errAuthenticatorGone
	}
	if flush {
		q.pipe.Flush()
	}
	for {
		if m, ok := q.take(); ok {
			return m.Frames, nil
		}
		select {
		case <-q.news:
		case <-q.gone:
			if m, ok := q.take(); ok {
				return m.Frames, nil
			}
			return nil, errAuthenticatorGone
		case <-ctx.Done():
			return nil, errAuthenticatorSlow
		}
	}
}

func (q *question) take() (msg.Msg, bool) {
	m, ok, resume := q.pipe.In.Next(0)
	if resume {
		q.pipe.Resume()
	}
	return m, ok
}
