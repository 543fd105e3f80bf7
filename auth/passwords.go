package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
)

// A PasswordStore knows passwords.
//
// Verify reports whether a password is the user's. It is called by several
// goroutines at once, for at most four seconds: it must return when ctx ends. An
// error means that it can't tell now, and the peer may try again. It should take as
// long for unknown users as for known ones, and must not keep the password. If it
// panics, that peer is refused.
//
// A store whose passwords change should have the method that Passwords has,
// OnChange(func(users []string)) (stop func()).
type PasswordStore interface {
	Verify(ctx context.Context, user string, password []byte) (bool, error)
}

// maxText is how long names and passwords are in PLAIN.
const maxText = 255

// Passwords is a PasswordStore in memory. It keeps SHA-256 sums. The zero value is
// empty and ready to use.
type Passwords struct {
	mu        sync.RWMutex
	sums      map[string][sha256.Size]byte // replaced, never changed
	observers []*func([]string)
}

// Set adds a user, or changes a password: then that user's connections end.
//
// Errors: ErrInvalidUser, if one of the two is empty or has more than 255 bytes.
func (p *Passwords) Set(user, password string) error {
	if l := len(user); l < 1 || l > maxText {
		return fmt.Errorf("%w: a user's name of %d bytes: must have 1 to %d", ErrInvalidUser, l, maxText)
	}
	if l := len(password); l < 1 || l > maxText {
		return fmt.Errorf("%w: a password of %d bytes: must have 1 to %d", ErrInvalidUser, l, maxText)
	}
	p.update(func(sums map[string][sha256.Size]byte) { sums[user] = sha256.Sum256([]byte(password)) })
	return nil
}

// Remove removes a user, and ends the user's connections.
func (p *Passwords) Remove(user string) {
	p.update(func(sums map[string][sha256.Size]byte) { delete(sums, user) })
}

// Users returns the names, sorted.
func (p *Passwords) Users() []string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.Sorted(maps.Keys(p.sums))
}

func (p *Passwords) update(edit func(map[string][sha256.Size]byte)) {
	p.mu.Lock()
	next := maps.Clone(p.sums)
	if next == nil {
		next = map[string][sha256.Size]byte{}
	}
	edit(next)
	p.replace(next)
}

// replace takes new sums, gives back the lock that the caller holds, and tells
// observers which users' passwords have gone or changed.
func (p *Passwords) replace(next map[string][sha256.Size]byte) {
	var changed []string
	for user, sum := range p.sums {
		if now, ok := next[user]; !ok || now != sum {
			changed = append(changed, user)
		}
	}
	p.sums = next
	observers := slices.Clone(p.observers)
	p.mu.Unlock()
	if len(changed) == 0 {
		return
	}
	slices.Sort(changed)
	tell(observers, changed)
}

// tell tells every observer, also when one of them panics: that goes on to who has made
// the change, when the others have ended their connections.
func tell(observers []*func([]string), changed []string) {
	if len(observers) == 0 {
		return
	}
	defer tell(observers[1:], changed)
	(*observers[0])(changed)
}

// noSum stands for the password of unknown users, so that they take as long. It is the
// sum of no password.
var noSum [sha256.Size]byte

// Verify implements PasswordStore. An empty password is never right.
func (p *Passwords) Verify(_ context.Context, user string, password []byte) (bool, error) {
	p.mu.RLock()
	want, known := p.sums[user]
	p.mu.RUnlock()
	if !known {
		want = noSum
	}
	got := sha256.Sum256(password)
	same := subtle.ConstantTimeCompare(got[:], want[:]) == 1
	return same && known && user != "" && len(password) > 0, nil
}

// OnChange calls fn with the users whose password was removed or changed, after
// each change and in the goroutine that made it, until stop is called. When fn panics
// the others are told nevertheless, the change stands, and Set or Remove panics.
func (p *Passwords) OnChange(fn func(users []string)) (stop func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	entry := &fn
	p.observers = append(p.observers, entry)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.observers = slices.DeleteFunc(p.observers, func(e *func([]string)) bool { return e == entry })
	}
}

// String says how many users there are.
func (p *Passwords) String() string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return fmt.Sprintf("passwords of %d users", len(p.sums))
}

// Format prints String for every verb.
func (p *Passwords) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }
