package remote

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/go-zactor/zactor/internal/logs"
)

// UnsentError is returned by Close and Shutdown of a space: what other nodes had sent to
// actors here and those had not received yet, and what this space owed to nodes that had
// no room for it. Both are lost.
type UnsentError struct {
	N   int      // how many messages
	For []Unsent // for whom, one entry an actor and node, the most first
}

// Unsent is how many messages are lost between one node and one actor.
type Unsent struct {
	Peer  string // the node's name; empty: nodes that had left
	Actor string // the actor here that did not receive them; empty: the node did not get them
	N     int
}

// String is one line for people.
func (u Unsent) String() string {
	if u.Actor == "" {
		return fmt.Sprintf("%d for node %q: it had no room for them", u.N, u.Peer)
	}
	from := fmt.Sprintf("node %q", u.Peer)
	if u.Peer == "" {
		from = "nodes that have left"
	}
	return fmt.Sprintf("%d of %s for %q: it had not received them", u.N, from, u.Actor)
}

// maxUnsent is how many entries the text of an UnsentError has.
const maxUnsent = 10

func (e *UnsentError) Error() string {
	s := fmt.Sprintf("remote: %d messages not delivered", e.N)
	if e.N == 1 {
		s = "remote: 1 message not delivered"
	}
	var list []string
	for i, u := range e.For {
		if i == maxUnsent {
			list = append(list, fmt.Sprintf("and %d more", len(e.For)-i))
			break
		}
		list = append(list, u.String())
	}
	return s + " (" + strings.Join(list, "; ") + ")"
}

// lost is what a space has lost at its end; its mu guards it.
type lost struct{ list []Unsent }

func (l *lost) add(u Unsent) {
	i := slices.IndexFunc(l.list, func(o Unsent) bool { return o.Peer == u.Peer && o.Actor == u.Actor })
	switch {
	case u.N == 0:
	case i < 0:
		l.list = append(l.list, u)
	default:
		l.list[i].N += u.N
	}
}

// giveUp takes down what waits, which is lost from now on. The caller holds mu.
func (s *Space) giveUp() {
	for name, v := range s.served {
		for from, l := range v.lines {
			s.lost.add(Unsent{from.Name, name, l.waiting})
		}
	}
	for _, p := range s.peers {
		s.lost.add(Unsent{Peer: p.Name, N: len(p.owed)})
	}
}

// tellUnsent is unsent, which it logs.
func (s *Space) tellUnsent() error {
	err := s.unsent()
	if err != nil {
		s.options.log.Log(logs.RemoteUnsent, logs.Err(err))
	}
	return err
}

// unsent is the error of Close, nil when nothing was lost.
func (s *Space) unsent() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lost.list) == 0 {
		return nil
	}
	e := &UnsentError{For: s.lost.list}
	for _, u := range e.For {
		e.N += u.N
	}
	slices.SortFunc(e.For, func(a, b Unsent) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Peer, b.Peer), cmp.Compare(a.Actor, b.Actor))
	})
	return e
}
