package zmq

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/zap"
)

// This file is the core's side of ZAP (RFC 27): it asks whoever has bound the
// authenticator's name in the Context, and tells a connection what the answer means. How a
// question is put is question.go's.

const (
	// zapName is the inproc name of the authenticator.
	zapName = "zeromq.zap.01"
	// zapTimeout is how long the authenticator may take, unless a test says else.
	zapTimeout = 5 * time.Second
	// zapWaiting bounds the questions that are open at the same time: more than the
	// handshakes of a listener, so that one that floods holds up no other. Those beyond
	// wait for their turn. zapOfOne are those about peers of one address.
	zapWaiting = 2 * defaultHandshakes
	zapOfOne   = zapWaiting / 2
)

var (
	errNoAuthenticator   = errors.New("no authenticator in this context")
	errAuthenticatorGone = errors.New("the authenticator left without an answer")
	errAuthenticatorSlow = errors.New("the authenticator did not answer in time")
	errAuthenticatorBusy = errors.New("too many questions wait for the authenticator")
	errExpelled          = fmt.Errorf("%w: the permission was withdrawn", ErrAuth)
)

// stillValid says whether a peer that becomes visible to Expel at this moment had its
// permission before the last Expel. If it had, it must ask again.
func (d *zapDesk) stillValid(peer *link.Peer) error {
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
	link link.Stopper
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

// weigh makes a verdict of an answer, or of why there is none.
func weigh(v *session.Verdict, frames [][]byte, id []byte, err error, anyKey bool) {
	switch {
	case errors.Is(err, errNoAuthenticator) && anyKey:
		v.Decision = wire.Decision{Allow: true, Status: zap.StatusSuccess}
	case errors.Is(err, errNoAuthenticator), errors.Is(err, errAuthenticatorGone):
		v.Decision.Status = zap.StatusRetry
		v.Err = absent{err}
	case err != nil:
		// The peer is told nothing and tries again: it has done nothing wrong.
		v.Decision.Status = zap.StatusRetry
		v.Err = fmt.Errorf("%w: %w", &wire.RefusedError{Status: zap.StatusRetry}, err)
	default:
		judge(v, frames, id)
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
