package auth

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/shortid"
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
	// in Z85. Unless the peer was let in, nothing but the peer says so.
	User   string
	Status int // 200 let in, 400 refused, 300 to try again, 500 failed
	Reason string
	// Missing is 0 in a decision. Otherwise it is none: so many are missing here, because
	// the reader was slow, and all else is zero.
	Missing uint64
}

// Allowed reports whether the peer was let in.
func (d Decision) Allowed() bool { return d.Status == 200 }

// String is one line for people. Keys are named by their fingerprints.
func (d Decision) String() string {
	if d.Missing > 0 {
		return fmt.Sprintf("%d decisions are missing", d.Missing)
	}
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

// shown is a word of a request, in quotes if it is not of the usual characters.
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
		return "key " + shortid.Key(d.User)
	}
	return "user " + wire.Quote([]byte(d.User))
}

// decisionQueue is how many decisions wait for one reader.
const decisionQueue = 1024

func newDecisions() *feed.Queue[Decision] {
	return feed.NewQueue(feed.Config[Decision]{
		Limit:  decisionQueue,
		Missed: func(n uint64) Decision { return Decision{Missing: n} },
	})
}

// Events returns what is decided from this call on, until ctx ends or the Auth is
// closed; what is queued then can still be read. A slow reader never slows anything: it
// loses decisions, and one whose Missing is set says how many. Ranging again goes on
// where the first loop stopped.
func (a *Auth) Events(ctx context.Context) iter.Seq[Decision] { return a.decisions.Events(ctx) }

// Chan is Events as a channel, for use in a select. Asked for again with the same ctx
// it is the same channel. It is closed when ctx ends, or when the Auth is closed and
// all is received: whoever stops receiving before must end ctx.
func (a *Auth) Chan(ctx context.Context) <-chan Decision { return a.decisions.Chan(ctx) }

// report tells the readers and the log. Without any, nothing is prepared.
func (a *Auth) report(r zap.Request, v verdict) {
	logged := a.log.Enabled(logs.Debug)
	if !logged && !a.decisions.Wanted(feed.All) {
		return
	}
	code, _ := strconv.Atoi(string(v.status))
	d := Decision{
		Time: time.Now(), Domain: r.Domain, Address: r.Address, Mechanism: r.Mechanism,
		User: v.user, Status: code, Reason: v.reason,
	}
	a.decisions.Publish(d)
	if logged {
		a.log.Debug("auth: decision", logs.Int("status", code), logs.Str("reason", d.Reason), logs.Str("mechanism", d.Mechanism),
			logs.Str("address", d.Address), logs.Str("domain", d.Domain), logs.Str("who", d.who()))
	}
}
