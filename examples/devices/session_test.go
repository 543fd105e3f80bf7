package main

import (
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/actor/actortest"
	"github.com/go-zactor/zactor/zloop"
)

// pair starts a session with a device, over a connection without a buffer.
func pair(t *testing.T) (*actor.Ref[any], peer) {
	t.Helper()
	actortest.NoLeaks(t)
	here, there := net.Pipe()
	s, err := actor.New(t.Context(), session(here, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return s, peer{t, there}
}

// Who says something every minute, to the last nanosecond, is not silent.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := pair(t)
		p.say("ann")
		p.hears("welcome ann")
		for range 100 {
			time.Sleep(time.Minute - 1)
			p.say("7")
			p.hears("7")
		}
		began := time.Now()
		p.hears("bye", "")
		if d := time.Since(began); d != time.Minute {
			t.Errorf("ended after %v", d)
		}
		if <-s.Done(); s.Err() != nil {
			t.Error(s.Err())
		}
	})
}

// A device that does not read its answers is disconnected when they are too many.
func TestDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := pair(t)
		go func() {
			for {
				if _, err := p.Write([]byte{0, 1, '7'}); err != nil {
					return
				}
			}
		}()
		if <-s.Done(); !errors.Is(s.Err(), zloop.ErrFull) {
			t.Errorf("ended: %v", s.Err())
		}
		p.hears("")
	})
}

// A device that neither says nor reads anything does not stay.
func TestDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := pair(t)
		began := time.Now()
		<-s.Done()
		if d := time.Since(began); d != time.Minute+time.Second {
			t.Errorf("ended after %v", d)
		}
		p.hears("")
	})
}

// The end of a session, for any reason, is the end of its connection.
func TestKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := pair(t)
		actortest.Kill(s)
		p.hears("")
		if <-s.Done(); !errors.Is(s.Err(), actortest.ErrKilled) {
			t.Errorf("ended: %v", s.Err())
		}
	})
}
