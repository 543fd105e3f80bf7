package main

import (
	"errors"
	"time"
)

// state is what a server says of itself, once in an interval. Who is silent for two is gone.
type state string

const (
	primary state = "primary" // it waits for the other one
	backup  state = "backup"  // the same
	active  state = "active"  // it answers
	passive state = "passive" // it is ready to

	interval = time.Second
)

var errTwo = errors.New("bstar: both servers are alike: end one of them")

// fsm is one of the two. It has no clock and no socket.
type fsm struct {
	state   state
	expires time.Time // then the other one is gone
}

// hear takes the state of the other one.
func (f *fsm) hear(now time.Time, peer state) error {
	f.expires = now.Add(2 * interval)
	switch {
	case f.state == active && peer == active, f.state == passive && peer == passive:
		return errTwo
	case f.state != active && peer == active:
		f.state = passive
	case f.state == primary && peer == backup, f.state == passive && (peer == primary || peer == backup):
		f.state = active
	}
	return nil
}

// ask is a client's request: the clients vote. A passive server is asked when they have lost
// the active one; when it has, too, it is active. The same goes for a primary alone.
func (f *fsm) ask(now time.Time) (answers bool) {
	if (f.state == passive || f.state == primary) && now.After(f.expires) {
		f.state = active
	}
	return f.state == active
}
