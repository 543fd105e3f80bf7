package zmq4

import (
	"context"
	"errors"
	"log"
	"sync"

	"github.com/go-zactor/zactor/internal/contain"
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
	done := make(chan struct{})
	auth.socket, auth.done = s, done
	go func() {
		defer close(done)
		contain.Alone("authenticator", func() { answerZAP(s) }, contain.Stray)
	}()
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

// answerZAP answers requests until the socket is closed. One whose answer panics, or
// whose handler or log does, is refused.
func answerZAP(s *zmq.Socket) {
	defer s.Close()
	for m, err := range s.Messages(context.Background()) {
		if err != nil {
			return
		}
		var reply [][]byte
		if err := contain.Apart("authenticator", func() { reply = answer(m.Frames) }); err != nil {
			reply = failedReply(m.Frames)
			_ = contain.Apart("log", func() { log.Printf("AUTH: %v", err) })
		}
		if err := s.SendBytes(context.Background(), reply...); err != nil {
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
		return failedReply(frames)
	}
	f := texts(frames)
	q := zapRequest{f[0], f[1], f[2], f[3], f[4], f[5], f[6:]}
	user, ok, handler, verbose := decide(q)
	if verbose {
		log.Printf("AUTH: domain %q, address %q, mechanism %s, user %q: allowed %v", q.domain, q.address, q.mechanism, user, ok)
	}
	if !ok {
		return reply(q.id, "400", "NO ACCESS", "", nil)
	}
	blob, err := describeUser(q, user, handler)
	if err != nil {
		log.Printf("AUTH: metadata for %q: %v", user, err)
		return failedReply(frames)
	}
	return reply(q.id, "200", "OK", user, blob)
}

func decide(q zapRequest) (user string, ok bool, handler metadataHandler, verbose bool) {
	auth.Lock()
	defer auth.Unlock()
	user, ok = auth.rules.allow(q)
	return user, ok, auth.rules.handler, auth.rules.verbose
}

// failedReply refuses a request that could not be decided.
func failedReply(frames [][]byte) [][]byte {
	id := ""
	if len(frames) > 1 {
		id = string(frames[1])
	}
	return reply(id, "500", "Internal error", "", nil)
}

func reply(id, status, text, user string, metadata []byte) [][]byte {
	return [][]byte{[]byte("1.0"), []byte(id), []byte(status), []byte(text), []byte(user), metadata}
}

// describeUser asks the program's handler for metadata.
func describeUser(q zapRequest, user string, handler metadataHandler) (blob []byte, err error) {
	if handler == nil {
		return nil, nil
	}
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
