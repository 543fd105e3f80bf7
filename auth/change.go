package auth

import (
	"fmt"
	"slices"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/zmq"
)

// Allow lets addresses pass, in all domains. A rule is an IP address, a prefix such
// as "10.0.0.0/8", or "ipc". As soon as there is one, addresses without a rule are
// shut out. A rule for a prefix replaces an earlier one for the same.
//
// Errors: ErrInvalidRule; then nothing is changed.
func (a *Auth) Allow(cidr ...string) error { return a.AllowIn(AnyDomain, cidr...) }

// Deny shuts addresses out, in all domains. See Allow.
func (a *Auth) Deny(cidr ...string) error { return a.DenyIn(AnyDomain, cidr...) }

// Forget removes rules that Allow or Deny has made.
func (a *Auth) Forget(cidr ...string) error { return a.ForgetIn(AnyDomain, cidr...) }

// AllowIn is Allow for one domain. What the rules for all domains deny stays denied.
func (a *Auth) AllowIn(domain string, cidr ...string) error {
	return a.changeRules(domain, cidr, func(rs rules, list []rule) rules { return rs.with(list, true) })
}

// DenyIn is Deny for one domain.
func (a *Auth) DenyIn(domain string, cidr ...string) error {
	return a.changeRules(domain, cidr, func(rs rules, list []rule) rules { return rs.with(list, false) })
}

// ForgetIn is Forget for one domain.
func (a *Auth) ForgetIn(domain string, cidr ...string) error {
	return a.changeRules(domain, cidr, rules.without)
}

func (a *Auth) changeRules(domain string, cidr []string, edit func(rules, []rule) rules) error {
	list, err := parseRules(cidr)
	if err != nil {
		return err
	}
	a.policy.mu.Lock()
	if a.policy.rules == nil {
		a.policy.rules = map[string]rules{}
	}
	a.policy.rules[domain] = edit(a.policy.rules[domain], list)
	a.policy.mu.Unlock()
	a.Recheck()
	return nil
}

// Plain sets the passwords of a domain; nil denies PLAIN there again. Connections
// that were let in by the passwords so far end. A store with a method OnChange, as
// Passwords has it, ends connections when it changes.
func (a *Auth) Plain(domain string, store PasswordStore) {
	var e *entry[PasswordStore]
	if store != nil {
		e = &entry[PasswordStore]{store: store}
		if o, ok := store.(interface {
			OnChange(func(users []string)) (stop func())
		}); ok {
			e.stop = o.OnChange(func(users []string) { a.usersChanged(e, users) })
		}
	}
	a.setPlain(domain, e)
}

// setPlain returns false if the Auth is closed.
func (a *Auth) setPlain(domain string, e *entry[PasswordStore]) bool {
	old, ok := put(&a.policy, &a.policy.plain, domain, e)
	if !ok {
		e.end()
		return false
	}
	old.end()
	a.expel(func(p zmq.PeerInfo) bool { return a.policy.usesPlain(p, e) || !a.policy.allows(p) })
	return true
}

// usersChanged ends the connections of users whose password is not what it was.
func (a *Auth) usersChanged(e *entry[PasswordStore], users []string) {
	a.expel(func(p zmq.PeerInfo) bool { return a.policy.usesPlain(p, e) && slices.Contains(users, p.UserID) })
}

// PlainFile sets the passwords of a domain to those of a file, in the format of
// czmq: a line "user=password" for each, without blanks around the equals sign;
// lines that begin with # do not count. The file is read again when its content has
// changed and has been the same for a moment, so that half a file never counts. A
// file that is deleted lets no user in.
//
// Only the file's owner may be able to write it (mode 0600, or 0640 and 0644 with a
// warning in the log, since the passwords are in the clear); a file that becomes
// writable for others later is not read again until that is mended.
//
// Errors: ErrPasswordFile, if the file is there and can't be used now; ErrClosed.
func (a *Auth) PlainFile(domain, path string) error {
	f, err := openPasswordFile(path, a.log)
	if err != nil {
		return err
	}
	e := &entry[PasswordStore]{store: f}
	stop := f.OnChange(func(users []string) { a.usersChanged(e, users) })
	e.stop = func() { stop(); f.close() }
	f.start()
	if !a.setPlain(domain, e) {
		return ErrClosed
	}
	return nil
}

// Curve sets the public keys that are trusted in a domain; nil denies CURVE there
// again. The store stays the caller's. One with a method OnChange, as those of
// package cert have it, ends connections whose key is removed or whose metadata
// changes; after changes of any other call Recheck.
func (a *Auth) Curve(domain string, store cert.Store) {
	var e *entry[cert.Store]
	if store != nil {
		e = &entry[cert.Store]{store: store}
		if o, ok := store.(interface {
			OnChange(func(cert.Change)) (stop func())
		}); ok {
			e.stop = o.OnChange(func(c cert.Change) { a.keysChanged(e, c) })
		}
	}
	a.setCurve(domain, e)
}

// CurveAny lets every key into a domain. Which key it was is known all the same: a CURVE
// client proves that it has it.
func (a *Auth) CurveAny(domain string) { a.setCurve(domain, &entry[cert.Store]{any: true}) }

func (a *Auth) setCurve(domain string, e *entry[cert.Store]) {
	old, ok := put(&a.policy, &a.policy.curve, domain, e)
	if !ok {
		e.end()
		return
	}
	old.end()
	a.Recheck()
}

// keysChanged ends the connections whose key is not trusted any more, and those
// whose metadata is not what it was: they come back with the new.
func (a *Auth) keysChanged(e *entry[cert.Store], c cert.Change) {
	if len(c.Removed)+len(c.Updated) == 0 {
		return
	}
	a.expel(func(p zmq.PeerInfo) bool {
		return a.policy.usesCurve(p, e) && slices.Contains(c.Updated, p.PublicKey) || !a.policy.allows(p)
	})
}

// Revoke refuses a public key in all domains, whatever the stores say, and ends its
// connections.
//
// Errors: ErrInvalidKey.
func (a *Auth) Revoke(publicZ85 string) error { return a.revokeKey(publicZ85, true) }

// Reinstate undoes Revoke.
func (a *Auth) Reinstate(publicZ85 string) error { return a.revokeKey(publicZ85, false) }

func (a *Auth) revokeKey(publicZ85 string, revoked bool) error {
	if _, err := cert.FromPublic(publicZ85); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	a.revoke(&a.policy.revoked.keys, publicZ85, revoked)
	return nil
}

// RevokeUser refuses a PLAIN user in all domains, whatever the stores say, and ends
// the user's connections.
func (a *Auth) RevokeUser(name string) { a.revoke(&a.policy.revoked.users, name, true) }

// ReinstateUser undoes RevokeUser.
func (a *Auth) ReinstateUser(name string) { a.revoke(&a.policy.revoked.users, name, false) }

func (a *Auth) revoke(list *map[string]bool, name string, revoked bool) {
	a.policy.mu.Lock()
	if *list == nil {
		*list = map[string]bool{}
	}
	if revoked {
		(*list)[name] = true
	} else {
		delete(*list, name)
	}
	a.policy.mu.Unlock()
	if revoked {
		a.Recheck()
	}
}

// Recheck judges all connected peers again, and ends the connections of those that
// would not be let in now. It is for stores that can't tell when they change.
func (a *Auth) Recheck() {
	a.expel(func(p zmq.PeerInfo) bool { return !a.policy.allows(p) })
}

func (a *Auth) expel(match func(zmq.PeerInfo) bool) {
	n := a.socket.Context().Expel(match)
	if n > 0 {
		a.count.withdrawn.Add(uint64(n))
		a.log.Log(logs.AuthWithdrawn, logs.Int("connections", n))
	}
}
