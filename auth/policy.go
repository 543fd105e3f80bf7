package auth

import (
	"fmt"
	"sync"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/shortid"
	"github.com/go-zactor/zactor/zmq"
)

// policy is what an Auth goes by. Stores are asked outside of the lock.
type policy struct {
	mu      sync.RWMutex
	closed  bool
	rules   map[string]rules // by domain; AnyDomain's hold for all
	plain   map[string]*entry[PasswordStore]
	curve   map[string]*entry[cert.Store]
	revoked struct{ keys, users map[string]bool }
}

// entry is the store of one domain. For CURVE, any takes the place of a store.
type entry[S any] struct {
	store S
	any   bool
	stop  func() // ends what the entry has started; may be nil
}

func (e *entry[S]) end() {
	if e != nil && e.stop != nil {
		e.stop()
	}
}

// of finds a domain's entry, or that for any domain.
func of[S any](m map[string]*entry[S], domain string) *entry[S] {
	if e := m[domain]; e != nil {
		return e
	}
	return m[AnyDomain]
}

// put replaces an entry, nil removes it, and returns the old one; with false the
// policy is closed and e was not taken.
func put[S any](p *policy, m *map[string]*entry[S], domain string, e *entry[S]) (old *entry[S], ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, false
	}
	if *m == nil {
		*m = map[string]*entry[S]{}
	}
	old = (*m)[domain]
	if e == nil {
		delete(*m, domain)
	} else {
		(*m)[domain] = e
	}
	return old, true
}

func (p *policy) close() {
	p.mu.Lock()
	p.closed = true
	plain, curve := p.plain, p.curve
	p.plain, p.curve = nil, nil
	p.mu.Unlock()
	for _, e := range plain {
		e.end()
	}
	for _, e := range curve {
		e.end()
	}
}

// address says why an address is denied, "" when it is not.
func (p *policy) address(domain string, from origin) string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	switch {
	case !p.rules[AnyDomain].pass(from):
		return fmt.Sprintf("address %v is denied", from)
	case domain != AnyDomain && !p.rules[domain].pass(from):
		return fmt.Sprintf("address %v is denied in domain %.64q", from, domain)
	}
	return ""
}

// passwords returns a domain's store, or why there is none. With a store and a
// reason, the password is to be checked and then refused, so that the time it takes
// does not tell.
func (p *policy) passwords(domain, user string) (PasswordStore, string) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	e := of(p.plain, domain)
	switch {
	case e == nil:
		return nil, fmt.Sprintf("domain %.64q knows no passwords", domain)
	case p.revoked.users[user]:
		return e.store, "the user is revoked"
	}
	return e.store, ""
}

// certificate looks a key up: why is "" if it is trusted, else the reason. A key
// that is trusted because every key is has no certificate.
func (p *policy) certificate(domain, key string) (c *cert.Cert, why string) {
	p.mu.RLock()
	e, revoked := of(p.curve, domain), p.revoked.keys[key]
	p.mu.RUnlock()
	switch {
	case revoked:
		return nil, fmt.Sprintf("key %s is revoked", shortid.Key(key))
	case e == nil:
		return nil, fmt.Sprintf("domain %.64q knows no keys", domain)
	case e.any:
		return nil, ""
	}
	if c, ok := e.store.Lookup(key); ok && c != nil && c.Public() == key {
		return c, ""
	}
	return nil, fmt.Sprintf("key %s is not known in domain %.64q", shortid.Key(key), domain)
}

// allows judges a connected peer again. A password can't be asked for again: its
// changes end connections when they happen.
func (p *policy) allows(peer zmq.PeerInfo) bool {
	if p.address(peer.Domain, originOf(peer.Endpoint, peer.Remote)) != "" {
		return false
	}
	switch peer.Mechanism {
	case "PLAIN":
		store, why := p.passwords(peer.Domain, peer.UserID)
		return store != nil && why == ""
	case "CURVE":
		_, why := p.certificate(peer.Domain, peer.PublicKey)
		return why == ""
	}
	return true
}

// usesPlain reports whether a peer's password was checked by e.
func (p *policy) usesPlain(peer zmq.PeerInfo, e *entry[PasswordStore]) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return peer.Mechanism == "PLAIN" && of(p.plain, peer.Domain) == e
}

// usesCurve reports whether a peer's key was found by e.
func (p *policy) usesCurve(peer zmq.PeerInfo, e *entry[cert.Store]) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return peer.Mechanism == "CURVE" && of(p.curve, peer.Domain) == e
}
