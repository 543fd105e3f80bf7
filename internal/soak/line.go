package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

const (
	size   = 200 // bytes of a message
	hwm    = 100
	buffer = 32 << 10 // that the kernel is asked for, of each end of each connection
	linger = 30 * time.Second
	// perCut is how many messages one lost connection may take with it: what the buffers of
	// its two halves hold (Linux doubles what it is asked for, and io.Copy has one), what was
	// being written, and what a receiver that was started again had not read.
	perCut = (8*buffer+32<<10)/size + 3*hwm
)

// line is one transport: PUSH sockets that come and go, a PULL that is started again now and
// then, and a durable subscription.
type line struct {
	*soak
	name     string
	endpoint string
	server   []zmq.Option
	client   []zmq.Option
	relayed  bool

	mu       sync.Mutex
	pull     *zmq.Socket
	bound    string
	restarts atomic.Uint64
	books    map[uint32]*account
}

// account is one sender's.
type account struct {
	seen     map[uint32]bool
	accepted uint32
	unsent   uint32
	cuts     uint64
	doubled  uint32
}

// start binds the PULL, at the same place each time.
func (l *line) start(ctx context.Context) error {
	opts := append([]zmq.Option{zmq.WithRecvHWM(hwm), zmq.WithRecvBuffer(buffer), zmq.WithSendBuffer(buffer), zmq.WithLinger(0)}, l.server...)
	pull, err := zmq.NewPull(ctx, opts...)
	if err != nil {
		return err
	}
	at := l.endpoint
	if l.bound != "" {
		at = l.bound
	}
	bound, err := pull.Bind(at)
	if err != nil {
		return errors.Join(err, pull.Close())
	}
	l.mu.Lock()
	l.pull, l.bound = pull, bound
	l.mu.Unlock()
	l.running.Go(func() { l.receive(ctx, pull) })
	return nil
}

func (l *line) receive(ctx context.Context, pull *zmq.Socket) {
	for m, err := range pull.Messages(ctx) {
		if err != nil {
			return
		}
		l.enter(m.Frames[0])
		m.Release()
	}
}

func (l *line) enter(b []byte) {
	id, num := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.books[id]
	switch {
	case a == nil:
		l.fault("%s: a message of nobody: %d, %d", l.name, id, num)
	case a.seen[num]:
		a.doubled++
		l.fault("%s: message %d of sender %d came twice", l.name, num, id)
	default:
		a.seen[num] = true
		l.delivered.Add(1)
	}
}

// restart closes the PULL, and binds another one.
func (l *line) restart(ctx context.Context) {
	l.restarts.Add(1)
	_ = l.pull.Close()
	for l.start(ctx) != nil && ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond)
	}
}

// send is the life of one sender: it comes, sends, and is closed; then its books are looked
// at when what is under way must have arrived.
func (l *line) send(ctx context.Context, id uint32) error {
	a := &account{seen: map[uint32]bool{}}
	l.mu.Lock()
	l.books[id] = a
	bound := l.bound
	l.mu.Unlock()
	restarts := l.restarts.Load()
	push, to, cuts, err := l.connect(ctx, bound, id)
	if err != nil {
		return err
	}
	until := time.Now().Add(time.Second + rand.N(4*time.Second))
	b := make([]byte, size)
	for time.Now().Before(until) && ctx.Err() == nil {
		binary.BigEndian.PutUint32(b, id)
		binary.BigEndian.PutUint32(b[4:], a.accepted)
		try, cancel := context.WithTimeout(ctx, time.Second)
		err := push.SendBytes(try, b)
		cancel()
		if err == nil {
			a.accepted++
			l.accepted.Add(1)
		}
		if rand.IntN(20) == 0 {
			time.Sleep(rand.N(3 * time.Millisecond))
		}
		if to != nil && rand.IntN(3000) == 0 {
			to.cut()
		}
	}
	var unsent *zmq.UnsentError
	if errors.As(push.Close(), &unsent) {
		a.unsent = uint32(unsent.N)
	}
	a.cuts = cuts() + l.restarts.Load() - restarts
	l.wait(ctx, func() bool { return l.missing(a) == 0 })
	if to != nil {
		to.Close()
	}
	l.close(id, a)
	return nil
}

func (l *line) connect(ctx context.Context, bound string, id uint32) (*zmq.Socket, *relay, func() uint64, error) {
	opts := append([]zmq.Option{zmq.WithSendHWM(hwm), zmq.WithSendBuffer(buffer), zmq.WithLinger(linger),
		zmq.WithReconnectInterval(5*time.Millisecond, 100*time.Millisecond)}, l.client...)
	push, err := zmq.NewPush(ctx, opts...)
	if err != nil {
		return nil, nil, nil, err
	}
	if !l.relayed {
		return push, nil, func() uint64 { return 0 }, push.Connect(bound)
	}
	r, to, err := newRelay(bound, filepath.Join(l.dir, fmt.Sprint(l.name, id)))
	if err != nil {
		return nil, nil, nil, errors.Join(err, push.Close())
	}
	return push, r, func() uint64 { l.cuts.Add(r.cuts.Load()); return r.cuts.Load() }, push.Connect(to)
}

func (l *line) missing(a *account) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int(a.accepted) - int(a.unsent) - len(a.seen)
}

// close balances the books of a sender that has gone.
func (l *line) close(id uint32, a *account) {
	missing := l.missing(a)
	switch {
	case missing < 0:
		l.fault("%s: sender %d: %d accepted, %d said to be unsent, %d arrived", l.name, id, a.accepted, a.unsent, len(a.seen))
	case uint64(missing) > a.cuts*perCut:
		l.fault("%s: sender %d: %d of %d are missing, and %d cuts explain %d", l.name, id, missing, a.accepted, a.cuts, a.cuts*perCut)
	}
	l.lost.Add(uint64(max(missing, 0)))
	l.unsent.Add(uint64(a.unsent))
	l.mu.Lock()
	delete(l.books, id)
	l.mu.Unlock()
}

// wait looks until something holds, at most for the time that is left to what is under way.
func (l *line) wait(ctx context.Context, holds func() bool) {
	for end := time.Now().Add(5 * time.Second); !holds() && time.Now().Before(end) && ctx.Err() == nil; {
		time.Sleep(20 * time.Millisecond)
	}
}
