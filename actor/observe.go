package actor

import (
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/internal/registry"
)

// subject is an actor with a name, as the registry of this process knows it. Those
// without one are not listed: there may be millions, and each would look like the others.
type subject struct {
	registry.Entry
	u       *unit
	handled atomic.Uint64 // messages that were received; written by one goroutine
	told    atomic.Int64  // when it was told to end, in Unix nanoseconds; 0: it was not
}

// crashes is how many failures in a row make an actor unwell.
const crashes = 3

// enlist enters a, which is u, into its registry and, when it has a name, that of the
// process.
func (u *unit) enlist(a Unit) error {
	if err := u.registry.enter(a); err != nil {
		return err
	}
	if u.name != "" { // and so a config of its own
		u.listed, u.counted = &subject{u: u}, true
		u.listed.Enter(registry.Actor, u.listed)
	}
	return nil
}

// delist ends what enlist began.
func (u *unit) delist() {
	u.registry.leave(u)
	if u.listed != nil {
		u.listed.Leave()
	}
}

// one counts a message. It is called by the goroutine that receives, and may be called
// of nil.
func (s *subject) one() {
	if s != nil {
		s.handled.Store(s.handled.Load() + 1)
	}
}

// ending enters that the actor was told to end.
func (s *subject) ending() {
	if s != nil {
		s.told.CompareAndSwap(0, time.Now().UnixNano())
	}
}

// RegistrySnapshot implements registry.Subject. It shows no message.
func (s *subject) RegistrySnapshot(r *registry.Snapshot) {
	u := s.u
	r.Name = u.name
	if p, several := u.self.(interface{ members() []*unit }); several {
		s.pool(r, p.members())
		return
	}
	stats := u.Stats()
	if u.shares {
		stats.Mailbox = 0 // it is the pool's
	}
	for _, f := range figures.List(stats) {
		r.Numbers = append(r.Numbers, registry.Number{Name: f.Name, Value: f.Value, Total: f.Total})
	}
	r.Count("messages", "", s.handled.Load())
	s.state(r)
	r.Say("takes", u.self.takesWhat())
	r.Say("groups", strings.Join(u.groups, ", "))
	s.failures(r)
}

// pool is for an actor that is several, which are listed by themselves.
func (s *subject) pool(r *registry.Snapshot, all []*unit) {
	r.State = "ready"
	if s.u.is(final | draining) {
		r.State = "closing"
	}
	waiting := s.u.self.queued()
	for _, m := range all {
		if !m.shares {
			waiting -= m.self.queued() // it is listed there
		}
	}
	r.Level("mailbox", max(0, waiting))
	r.Level("members", len(all))
	r.Say("takes", s.u.self.takesWhat())
}

// state says what the actor does, and whether it does not end.
func (s *subject) state(r *registry.Snapshot) {
	u := s.u
	u.mu.Lock()
	p, l := u.phase, u.life
	u.mu.Unlock()
	switch told := s.told.Load(); {
	case p&ended != 0:
		r.State = "closed"
	case told != 0 && l != nil && time.Since(time.Unix(0, told)) > u.stop:
		r.State = "closing"
		since := time.Since(time.Unix(0, told)).Round(time.Second)
		r.Unwell = append(r.Unwell, fmt.Sprintf("was told to end %v ago, and has not returned", since))
	case p&(final|draining) != 0:
		r.State = "closing"
	case l == nil:
		r.State = "waiting" // for its supervisor
	case !l.ready():
		r.State = "starting"
	case u.self.idle():
		r.State = "idle"
	default:
		r.State = "busy"
	}
}

// failures says how its lives have ended of late.
func (s *subject) failures(r *registry.Snapshot) {
	c := s.u.child
	if c == nil {
		return
	}
	c.sup.mu.Lock()
	n, err, due := c.failed, c.err, c.due
	if c.life != nil && time.Since(c.since) >= c.sup.config.intensity.within {
		n = 0 // it has recovered
	}
	last := c.lastErr
	c.sup.mu.Unlock()
	if last != nil {
		r.Say("last failure", short(last.Error()))
	}
	if n < crashes {
		return
	}
	text := fmt.Sprintf("has failed %d times in a row", n)
	if wait := time.Until(due); wait > 0 && r.State == "waiting" {
		text += fmt.Sprintf(", and is started again in %v", wait.Round(time.Millisecond))
	}
	if err != nil {
		text += ": " + short(err.Error())
	}
	r.Unwell = append(r.Unwell, text)
}

// short bounds a text that a message of anybody may be in.
func short(s string) string {
	const most = 200
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}

func (a *Actor) takesWhat() string { return "frames" }

func (r *Ref[M]) takesWhat() string {
	if t := reflect.TypeFor[M](); t != reflect.TypeFor[any]() {
		return t.String()
	}
	return "any"
}
