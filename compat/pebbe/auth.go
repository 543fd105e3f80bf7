package zmq4

import (
	"context"
	"errors"
	"fmt"
	"log"
	"sync"

	"github.com/go-zactor/zactor/zmq"
)

// The authenticator answers for the sockets of the default context. (RFC 27)
const zapEndpoint = "inproc://zeromq.zap.01"

// errAuthRuns is returned by AuthStart when it was called before.
var errAuthRuns = errors.New("Auth is already running")

var auth struct {
	sync.Mutex
	socket *zmq.Socket // nil while it does not run
	done   chan struct{}
	rules  authRules
}

// AuthStart starts the authenticator, which decides about the peers of PLAIN and CURVE
// servers, and of servers without a mechanism that have a domain. It knows nobody at
// first. Start it before the servers are bound.
func AuthStart() (err error) {
	auth.Lock()
	defer auth.Unlock()
	if auth.socket != nil {
		return errAuthRuns
	}
	s, err := zmq.NewRep(defaultCtx.core, zmq.WithReservedName(true), zmq.WithLinger(0))
	if err != nil {
		return errnoOf(err)
	}
	if _, err := s.Bind(zapEndpoint); err != nil {
		s.Close()
		return errnoOf(err)
	}
	auth.socket, auth.done = s, make(chan struct{})
	go answerZAP(s, auth.done)
	return nil
}

// AuthStop stops the authenticator. It forgets all that it was told.
func AuthStop() {
	auth.Lock()
	s, done := auth.socket, auth.done
	auth.socket, auth.rules = nil, authRules{verbose: auth.rules.verbose}
	auth.Unlock()
	if s != nil {
		s.Close()
		<-done
	}
}

// answerZAP answers requests until the socket is closed.
func answerZAP(s *zmq.Socket, done chan<- struct{}) {
	defer close(done)
	defer s.Close()
	for m, err := range s.Messages(context.Background()) {
		if err != nil {
			return
		}
		if err := s.SendBytes(context.Background(), answer(m.Frames)...); err != nil {
			return
		}
	}
}

// zapRequest is a request of RFC 27.
type zapRequest struct {
	version, id, domain, address, identity, mechanism string
	credentials                                       []string
}

// answer decides about a request.
func answer(frames [][]byte) [][]byte {
	if len(frames) < 6 {
		return reply("", "500", "Internal error", "", nil)
	}
	f := texts(frames)
	q := zapRequest{f[0], f[1], f[2], f[3], f[4], f[5], f[6:]}
	auth.Lock()
	user, ok := auth.rules.allow(q)
	handler, verbose := auth.rules.handler, auth.rules.verbose
	auth.Unlock()
	if verbose {
		log.Printf("AUTH: domain %q, address %q, mechanism %s, user %q: allowed %v", q.domain, q.address, q.mechanism, user, ok)
	}
	if !ok {
		return reply(q.id, "400", "NO ACCESS", "", nil)
	}
	blob, err := describeUser(q, user, handler)
	if err != nil {
		log.Printf("AUTH: metadata for %q: %v", user, err)
		return reply(q.id, "500", "Internal error", "", nil)
	}
	return reply(q.id, "200", "OK", user, blob)
}

func reply(id, status, text, user string, metadata []byte) [][]byte {
	return [][]byte{[]byte("1.0"), []byte(id), []byte(status), []byte(text), []byte(user), metadata}
}

// describeUser asks the program's handler for metadata. One that panics refuses the peer.
func describeUser(q zapRequest, user string, handler metadataHandler) (blob []byte, err error) {
	if handler == nil {
		return nil, nil
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the handler panicked: %v", r)
		}
	}()
	credentials := q.credentials
	if q.mechanism == "CURVE" { // in the readable form
		credentials = []string{user}
	}
	for name, value := range handler(q.version, q.id, q.domain, q.address, q.identity, q.mechanism, credentials...) {
		if name == "User-Id" { // which is set already
			continue
		}
		b, err := AuthMetaBlob(name, value)
		if err != nil {
			return nil, err
		}
		blob = append(blob, b...)
	}
	return blob, nil
}
