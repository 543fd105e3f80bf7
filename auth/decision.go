package auth

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/zap"
)

// Decision is what was decided about a peer.
type Decision struct {
	Time      time.Time
	Domain    string
	Address   string // without port; ":uid:gid:pid" over ipc
	Mechanism string
	// User is the name that a PLAIN client gave, or the public key of a CURVE client
	// in Z85. It is a peer's own word unless the peer was let in.
	User   string
	Status int // 200 let in, 400 refused, 300 to try again, 500 failed
	Reason string
}

// Allowed reports whether the peer was let in.
func (d Decision) Allowed() bool { return d.Status == 200 }

// String is one line for people. Keys are named by their fingerprints.
func (d Decision) String() string {
	s := fmt.Sprintf("%d %s", d.Status, shown(d.Mechanism))
	if who := d.who(); who != "" {
		s += " " + who
	}
	s += " from " + shown(d.Address)
	if d.Domain != "" {
		s += fmt.Sprintf(" domain %.64q", d.Domain)
	}
	return s + ": " + d.Reason
}

// shown is a word of a request, in quotes if it is none that one expects there.
func shown(word string) string {
	if q := wire.Quote([]byte(word)); q != `"`+word+`"` || strings.ContainsAny(word, " ") || word == "" {
		return q
	}
	return word
}

func (d Decision) who() string {
	switch {
	case d.User == "":
		return ""
	case d.Mechanism == "CURVE":
		return "key " + fingerprint(d.User)
	}
	return "user " + wire.Quote([]byte(d.User))
}

// watchers are those who read Decisions.
type watchers struct {
	mu     sync.Mutex
	closed bool
	list   map[chan Decision]struct{}
	any    atomic.Bool
	lost   atomic.Uint64
}

// decisionQueue is how many decisions wait for a slow reader. More are lost, and
// counted.
const decisionQueue = 1024

// Decisions returns an iterator over what is decided from the call on. It ends when
// ctx does, or with Close. A slow reader loses decisions (Stats counts them) and
// never slows anybody.
func (a *Auth) Decisions(ctx context.Context) iter.Seq[Decision] {
	c := a.watchers.add()
	stop := context.AfterFunc(ctx, func() { a.watchers.remove(c) })
	return func(yield func(Decision) bool) {
		defer stop()
		defer a.watchers.remove(c)
		for d := range c {
			if !yield(d) {
				return
			}
		}
	}
}

func (w *watchers) add() chan Decision {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := make(chan Decision, decisionQueue)
	if w.closed {
		close(c)
		return c
	}
	if w.list == nil {
		w.list = map[chan Decision]struct{}{}
	}
	w.list[c] = struct{}{}
	w.any.Store(true)
	return c
}

func (w *watchers) remove(c chan Decision) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.list[c]; ok {
		delete(w.list, c)
		close(c)
	}
	w.any.Store(len(w.list) > 0)
}

func (w *watchers) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for c := range w.list {
		close(c)
	}
	w.list = nil
	w.any.Store(false)
}

func (w *watchers) tell(d Decision) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.list {
		select {
		case c <- d:
		default:
			w.lost.Add(1)
		}
	}
}

// report tells the readers and the log. Nothing is prepared for nobody.
func (a *Auth) report(r zap.Request, v verdict) {
	e := a.log.Debug()
	if !a.watchers.any.Load() && !e.Enabled() {
		return
	}
	code, _ := strconv.Atoi(string(v.status))
	d := Decision{
		Time: time.Now(), Domain: r.Domain, Address: r.Address, Mechanism: r.Mechanism,
		User: v.user, Status: code, Reason: v.reason,
	}
	a.watchers.tell(d)
	e.Int("status", code).Str("reason", d.Reason).Str("mechanism", d.Mechanism).Str("address", d.Address).
		Str("domain", d.Domain).Str("who", d.who()).Msg("auth: decision")
}
