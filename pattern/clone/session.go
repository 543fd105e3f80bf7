package clone

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// backlog is how many changes wait while a snapshot comes.
const backlog = 100_000

// session is a client with one server: three sockets that end with the first failure.
type session struct {
	k                           *Client
	snapshots, changes, updates *zmq.Socket
	pending                     map[string]*update // by UUID
	ready                       chan struct{}
	heard                       time.Time
	seq                         uint64 // of the last change that is in the table
	fresh                       map[string][]byte
	state                       state
	batch                       [][][]byte
}

// state is how far a session is.
type state uint8

const (
	subscribing state = iota // until something is published to us: then all subscriptions are there
	asking                   // the snapshot comes
	following
)

// session works until something fails, or ctx ends.
func (k *Client) session(ctx context.Context, server [3]string, pending map[string]*update) error {
	s := &session{k: k, pending: pending, ready: make(chan struct{}, 1), heard: time.Now(), fresh: map[string][]byte{}, batch: make([][][]byte, 0, 256)}
	defer s.close()
	if err := s.open(context.WithoutCancel(ctx), server); err != nil {
		return err
	}
	for _, sock := range s.sockets() {
		defer sock.Notify(s.ready)()
	}
	beat := time.NewTicker(k.c.heartbeat)
	defer beat.Stop()
	for {
		if err := s.take(); err != nil {
			return err
		}
		var updates chan *update
		var again <-chan time.Time
		if s.state == following {
			updates = k.updates
			if len(s.pending) > 0 { // the server may not have been ready to hear it
				again = time.After(k.c.heartbeat / 5)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.ready:
		case u := <-updates:
			s.pending[string(u.frames[2])] = u
			s.say(u)
		case <-again:
			s.repeat()
		case now := <-beat.C:
			if now.Sub(s.heard) >= k.c.heartbeat*time.Duration(k.c.liveness) {
				return s.silent(server)
			}
		}
	}
}

// silent is the error of a server that says nothing, with why there is no connection.
func (s *session) silent(server [3]string) error {
	for _, e := range s.changes.Endpoints() {
		if e.Err != nil {
			return fmt.Errorf("%w: %s: %w", ErrSilent, server[0], e.Err)
		}
	}
	return fmt.Errorf("%w: %s", ErrSilent, server[0])
}

func (s *session) sockets() []*zmq.Socket { return []*zmq.Socket{s.snapshots, s.changes, s.updates} }

func (s *session) close() {
	for _, sock := range s.sockets() {
		if sock != nil {
			_ = sock.Close() // no linger: what is not acknowledged is said again
		}
	}
}

func (s *session) open(ctx context.Context, server [3]string) (err error) {
	opts := append([]zmq.Option{zmq.WithLinger(0)}, s.k.c.Socket...)
	if s.changes, err = zmq.NewSub(ctx, append([]zmq.Option{zmq.WithRecvHWM(backlog), zmq.WithGapNotices(true)}, opts...)...); err != nil {
		return err
	}
	// HUGZ is the last subscription: when one comes, all have arrived.
	if err := errors.Join(s.changes.Subscribe(s.k.c.subtree), s.changes.Subscribe(hugz), s.changes.Connect(server[1])); err != nil {
		return err
	}
	if s.updates, err = zmq.NewPub(ctx, opts...); err != nil {
		return err
	}
	if s.snapshots, err = zmq.NewDealer(ctx, opts...); err != nil {
		return err
	}
	return errors.Join(s.updates.Connect(server[2]), s.snapshots.Connect(server[0]))
}

// take works on what has arrived.
func (s *session) take() error {
	if s.state == asking {
		if err := drainUntil(s.snapshots, s.sync); err != nil {
			return err
		}
	}
	if s.state == asking {
		return s.check() // changes wait until the snapshot is there
	}
	for s.state != asking {
		if err := drainUntil(s.changes, s.collect); err != nil {
			return err
		}
		// What another connection has brought is of another server's life: it is looked for
		// before any of it is taken.
		if err := s.check(); err != nil || len(s.batch) == 0 {
			return err
		}
		for _, m := range s.batch {
			if err := s.change(m); err != nil {
				return err
			}
		}
		s.batch = s.batch[:0]
	}
	return nil
}

// collect puts changes aside, some at a time. The first one of all comes alone: what follows
// it waits for the snapshot.
func (s *session) collect(frames [][]byte) (enough bool, err error) {
	s.batch = append(s.batch, frames)
	return s.state == subscribing || len(s.batch) == cap(s.batch), nil
}

// check finds out whether everything has arrived so far.
func (s *session) check() error {
	switch stats := s.changes.Stats(); {
	case stats.Disconnects > 0:
		return ErrLost
	case stats.Missed > 0:
		return ErrMissed
	}
	return nil
}

// drainUntil hands over what has arrived, until fn says that it is enough.
func drainUntil(sock *zmq.Socket, fn func([][]byte) (enough bool, err error)) error {
	for {
		m, err := sock.TryRecv()
		if errors.Is(err, zmq.ErrAgain) {
			return nil
		}
		if err != nil {
			return err
		}
		if enough, err := fn(m.Frames); enough || err != nil {
			return err
		}
	}
}

// sync takes a part of the snapshot.
func (s *session) sync(frames [][]byte) (enough bool, err error) {
	key, seq, err := parse(frames)
	if err != nil {
		return false, err
	}
	s.heard = time.Now()
	if key != kthxbai {
		s.fresh[key] = frames[4]
		return false, nil
	}
	s.seq, s.state = seq, following
	for old := range s.k.All() {
		if _, ok := s.fresh[old]; !ok {
			s.k.table.Delete(old)
		}
	}
	for key, value := range s.fresh {
		s.k.table.Set(key, keyed{key, value})
	}
	s.fresh = nil
	s.k.arrive()
	s.repeat()
	return true, nil
}

// change takes what the server publishes.
func (s *session) change(frames [][]byte) error {
	key, seq, err := parse(frames)
	if err != nil {
		return err
	}
	s.heard = time.Now()
	if s.state == subscribing {
		s.state = asking
		// Nothing is missed: what this changes is in the snapshot.
		return s.snapshots.TrySend(msg.NewString(icanhaz, s.k.c.subtree))
	}
	if key == hugz || seq <= s.seq {
		return nil
	}
	if s.k.c.subtree == "" && seq != s.seq+1 {
		return ErrMissed
	}
	s.seq = seq
	s.k.changes.Add(1)
	if len(frames[4]) == 0 {
		s.k.table.Delete(key)
	} else {
		s.k.table.Set(key, keyed{key, frames[4]})
	}
	if u := s.pending[string(frames[2])]; u != nil {
		delete(s.pending, string(frames[2]))
		close(u.done)
	}
	return nil
}

// parse reads what all commands of a server have.
func parse(frames [][]byte) (key string, seq uint64, err error) {
	if len(frames) != 5 || len(frames[1]) != 8 {
		return "", 0, fmt.Errorf("%w: %d frames of the server", ErrProtocol, len(frames))
	}
	return string(frames[0]), binary.BigEndian.Uint64(frames[1]), nil
}

// say sends an update. It may get lost: it is said again until it is acknowledged.
func (s *session) say(u *update) { _ = s.updates.TrySend(msg.New(u.frames...).Clone()) }

// repeat says again what is not acknowledged, and forgets what nobody waits for.
func (s *session) repeat() {
	if s.state != following {
		return
	}
	for uuid, u := range s.pending {
		if u.ctx.Err() != nil {
			delete(s.pending, uuid)
			continue
		}
		s.k.resent.Add(1)
		s.say(u)
	}
}
