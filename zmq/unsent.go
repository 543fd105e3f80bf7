package zmq

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// UnsentError is returned by Close and Shutdown for messages that Send had accepted
// and that could not be sent in the time there was.
type UnsentError struct {
	N   int      // how many messages
	For []Unsent // for whom, one entry a socket and endpoint, the most first
}

// Unsent is how many messages one endpoint's peers did not get.
type Unsent struct {
	Socket   string // whose: its type and name
	Endpoint string // the own endpoint that was bound or connected; empty: no peer was found for them
	N        int
	Why      error // the last failure of the endpoint; nil when the time was too short
}

// String is one line for people.
func (u Unsent) String() string {
	to, why := "no peer", "the time was too short"
	if u.Endpoint != "" {
		to = u.Endpoint
	}
	if u.Why != nil {
		why = u.Why.Error()
	}
	return fmt.Sprintf("%d of %s for %s: %s", u.N, u.Socket, to, why)
}

func (e *UnsentError) Error() string {
	s := fmt.Sprintf("zmq: %d messages not sent", e.N)
	if e.N == 1 {
		s = "zmq: 1 message not sent"
	}
	var list []string
	for _, u := range e.For {
		list = append(list, u.String())
	}
	if len(list) > 0 {
		s += " (" + strings.Join(list, "; ") + ")"
	}
	return s
}

// unsent is what a closing socket gave up.
type unsent struct {
	mu sync.Mutex
	of map[unsentKey]*Unsent
}

type unsentKey struct{ socket, endpoint string }

func (u *unsent) add(socket, endpoint string, n int, why error) {
	if n == 0 {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of == nil {
		u.of = map[unsentKey]*Unsent{}
	}
	key := unsentKey{socket, endpoint}
	e := u.of[key]
	if e == nil {
		e = &Unsent{Socket: socket, Endpoint: endpoint}
		u.of[key] = e
	}
	e.N += n
	if why != nil {
		e.Why = why
	}
}

// err is what Close returns: nil when nothing was given up.
func (u *unsent) err() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.of) == 0 {
		return nil
	}
	e := &UnsentError{}
	for _, one := range u.of {
		e.N += one.N
		e.For = append(e.For, *one)
	}
	slices.SortFunc(e.For, func(a, b Unsent) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Socket, b.Socket))
	})
	return e
}

// joinUnsent is what the Close of several sockets returned, as one error.
func joinUnsent(errs []error) error {
	var all unsent
	for _, err := range errs {
		var e *UnsentError
		if !errors.As(err, &e) {
			continue
		}
		for _, one := range e.For {
			all.add(one.Socket, one.Endpoint, one.N, one.Why)
		}
	}
	return all.err()
}
