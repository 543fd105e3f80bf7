package actor

import "github.com/go-zactor/zactor/internal/actorhook"

func init() {
	actorhook.Kill = func(x any, err error) bool { return x.(Unit).base().kill(err) }
	actorhook.Lives = func(x any) (uint64, bool) { return x.(Unit).base().lives() }
}

// killed is why a life was told to end that is to fail: see package actortest.
type killed struct{ error }

func (k killed) Unwrap() error { return k.error }

// failure returns the error with which a life fails that was told to end because of
// why: nil when it was only told to.
func failure(why error) error {
	if k, is := why.(killed); is {
		return k.error
	}
	return nil
}

func (u *unit) kill(err error) bool {
	u.mu.Lock()
	l := u.life
	u.mu.Unlock()
	if l == nil {
		return false
	}
	l.kill(killed{err})
	return true
}

func (u *unit) lives() (restarts uint64, ready bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.extra != nil {
		restarts = u.extra.stats.Restarts
	}
	return restarts, u.life != nil && u.life.ready()
}

func (p *Pipe) kill(cause error) { p.end(cause) }
func (p *Pipe) ready() bool      { return p.isReady.Load() }

func (c *Context[M]) kill(cause error) {
	c.tell(cause)
	c.r.queue().Nudge(&c.r.me) // and not end, by which another life might begin here
}

func (c *Context[M]) ready() bool { return c.flags.Load()&isReady != 0 }

func (p *pool[M]) kill(cause error) {
	for _, m := range *p.parts.Load() {
		m.unit.kill(cause)
	}
}

func (p *pool[M]) ready() bool { return true }
