package zmq

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/link"
)

// noAnswerAfter is how long an endpoint may be silent until that is told.
const noAnswerAfter = 5 * time.Second

// ErrNoAnswer is in the Err of an EventNoAnswer and of an EndpointInfo: an endpoint that
// was connected has neither answered nor failed for five seconds.
var ErrNoAnswer = errors.New("zmq: no answer")

// endpointTable is what is known of each endpoint, told by the events of connections.
// Nothing is called under its lock.
type endpointTable struct {
	late   func(endpoint string) // called when one has been silent; never changed
	after  time.Duration         // for so long; never changed
	failed func(*contain.Panic)  // of a panic in late; never changed

	mu     sync.Mutex
	of     map[string]*endpointEntry
	closed bool // no timer is set any more
}

// endpointEntry is one endpoint, with a timer that is set while an answer is waited for.
type endpointEntry struct {
	EndpointInfo
	timer *time.Timer
	deaf  error // why a bound one accepts nobody; nil: it does
}

// begin enters an endpoint, or begins it anew.
func (t *endpointTable) begin(endpoint string, state EndpointState) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil {
		t.of = map[string]*endpointEntry{}
	}
	if old := t.of[endpoint]; old != nil {
		old.rest()
	}
	e := &endpointEntry{EndpointInfo: EndpointInfo{Endpoint: endpoint}}
	t.of[endpoint] = e
	t.enter(e, state)
}

// end forgets an endpoint.
func (t *endpointTable) end(endpoint string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.of[endpoint]; e != nil {
		e.rest()
		delete(t.of, endpoint)
	}
}

// close stops all timers for good.
func (t *endpointTable) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for _, e := range t.of {
		e.rest()
	}
}

func (e *endpointEntry) rest() {
	if e.timer != nil {
		e.timer.Stop()
	}
}

// enter notes a state; the caller holds mu.
func (t *endpointTable) enter(e *endpointEntry, s EndpointState) {
	e.State, e.Since = s, time.Now()
	switch {
	case s != EndpointDialing && s != EndpointHandshake || t.closed || t.late == nil:
		e.rest()
	case e.timer == nil:
		endpoint := e.Endpoint
		e.timer = contain.AfterTime(t.after, "endpoint", func() { t.late(endpoint) }, t.failed)
	default:
		e.timer.Reset(t.after)
	}
}

// note keeps what an event says. It reports whether something has changed that who
// watches the endpoint wants to know, and how things stood before.
func (t *endpointTable) note(e link.Event) (changed bool, before EndpointInfo) {
	err := publicError(e.Err)
	t.mu.Lock()
	defer t.mu.Unlock()
	i := t.of[e.Endpoint]
	if i == nil {
		return false, before
	}
	before = i.EndpointInfo
	if i.State == EndpointListening {
		i.hear(e.Kind, e.Remote, err)
		switch {
		case e.Kind == link.HandshakeSucceeded:
			i.Err = nil
		case err != nil && e.Kind != link.Disconnected:
			i.Err = err
		}
		return false, before
	}
	switch e.Kind {
	case link.ConnectDelayed:
		t.enter(i, EndpointDialing)
	case link.Connected:
		t.enter(i, EndpointHandshake)
	case link.HandshakeSucceeded:
		t.enter(i, EndpointReady)
		i.Err, i.Attempts = nil, 0
	case link.ConnectRetried:
		t.enter(i, EndpointWaiting)
		i.Attempts++
		i.RetryAt = i.Since.Add(e.RetryIn)
		i.fail(err)
	case link.HandshakeFailedNoDetail:
		if strings.HasPrefix(e.Endpoint, "inproc:") {
			t.enter(i, EndpointWaiting) // there is no connection whose end would say so
		}
		i.fail(err)
	default:
		i.fail(err)
	}
	return err != nil, before
}

// hear notes whether a bound endpoint accepts who comes.
func (e *endpointEntry) hear(kind link.EventKind, remote string, err error) {
	switch {
	case kind == link.Accepted:
		e.deaf = nil
	case kind == link.AcceptFailed && remote == "":
		e.deaf = err
	}
}

// deaf says which bound endpoints accept nobody, and why.
func (t *endpointTable) deaf() (list []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.of {
		if e.deaf != nil {
			list = append(list, fmt.Sprintf("%s accepts nobody: %v", e.Endpoint, e.deaf))
		}
	}
	return list
}

// fail keeps why an attempt failed. That this side has given it up, because it closes,
// is no reason, and must not hide the one that there was.
func (i *EndpointInfo) fail(err error) {
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, ErrClosed) {
		i.Err = err
	}
}

// ready notes that the peer of an endpoint takes part.
func (t *endpointTable) ready(endpoint string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.of[endpoint]; e != nil && e.State != EndpointListening {
		t.enter(e, EndpointReady)
		e.Err, e.Attempts = nil, 0
	}
}

// away notes that the inproc peer of an endpoint is gone, and is waited for.
func (t *endpointTable) away(endpoint string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.of[endpoint]; e != nil && e.State == EndpointReady {
		t.enter(e, EndpointDialing)
	}
}

// unanswered notes that an endpoint has been silent for long, and returns what to say
// about it; nil when that is not so.
func (t *endpointTable) unanswered(endpoint string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.of[endpoint]
	if e == nil || t.closed || time.Since(e.Since) < t.after {
		return nil
	}
	why := e.silence()
	if why != "" {
		e.Err = fmt.Errorf("%w for %v: %s", ErrNoAnswer, t.after, why)
		return e.Err
	}
	return nil
}

// silence is what an endpoint that does not answer may be about.
func (i EndpointInfo) silence() string {
	switch {
	case i.State == EndpointHandshake:
		return "a connection is there, and no handshake: is it a ZeroMQ socket, and not stopped?"
	case i.State != EndpointDialing:
		return ""
	case strings.HasPrefix(i.Endpoint, "inproc:"):
		return "nobody has bound it in this Context"
	}
	return "firewall or host down?"
}

func (t *endpointTable) get(endpoint string) (EndpointInfo, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.of[endpoint]; e != nil {
		return e.EndpointInfo, true
	}
	return EndpointInfo{Endpoint: endpoint}, false
}

// all lists the endpoints in the order of their names.
func (t *endpointTable) all() []EndpointInfo {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]EndpointInfo, 0, len(t.of))
	for _, e := range t.of {
		list = append(list, e.EndpointInfo)
	}
	slices.SortFunc(list, func(a, b EndpointInfo) int { return cmp.Compare(a.Endpoint, b.Endpoint) })
	return list
}
