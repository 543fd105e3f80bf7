package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

const (
	// reportsAt is where the nodes report to the boss: they share a process, and
	// by the context of their actors a zmq.Context.
	reportsAt = "inproc://reports"

	// tick is how often the boss gives out tasks and looks at the clock.
	tick = 20 * time.Millisecond

	// patience is how long after its time the boss waits for what has not happened
	// yet, on a machine that is busy with other things, before it says that it
	// did not happen.
	patience = 30 * time.Second
)

// The boss is the parent of the nodes: it starts them under a supervisor, gives
// them work, hears their reports, and ends it all. Its fields belong to the
// goroutine in run, which is its loop.
type boss struct {
	opts   Options
	view   view
	loop   *zloop.Loop
	sup    *actor.Supervisor
	zctx   *zmq.Context
	sock   sockets
	keys   *keyring
	lent   string // the file with the keys of who is invited
	work   *work
	roster *roster
	begun  time.Time

	interrupted bool
	finishing   time.Duration // when the nodes were told to finish; 0 before

	stop   context.CancelFunc // ends the supervisor
	served sync.WaitGroup     // the supervisor
}

// newBoss makes everything there is, and starts nothing.
func newBoss(ctx context.Context, o Options, v view) (*boss, error) {
	loop, err := zloop.New()
	if err != nil {
		return nil, err
	}
	b := &boss{opts: o, view: v, loop: loop, roster: newRoster(o.Nodes)}
	// The end of ctx must not tear the sockets down: the nodes are to finish first.
	b.zctx = zmq.NewContext(context.WithoutCancel(ctx), zmq.WithMaxSockets(65535))
	b.sock.ctx, b.sock.owner = b.zctx, "boss"
	if err := b.makeKeys(); err != nil {
		b.close()
		return nil, err
	}
	own := b.keys.identity(bossName)
	tasks, results := b.sock.open("tasks", zmq.NewPush, own.server()...), b.sock.open("results", zmq.NewPull, own.server()...)
	reports := b.sock.open("reports", zmq.NewPull)
	at := endpoints{
		key:     own.own.Public(),
		tasks:   b.sock.bind(tasks, anyPort),
		results: b.sock.bind(results, anyPort),
		reports: b.sock.bind(reports, reportsAt),
	}
	err = b.sock.err
	if err == nil {
		err = b.supervise(at)
	}
	if err != nil {
		b.close()
		return nil, err
	}
	b.work = newWork(b.loop, tasks)
	b.loop.Reader(results, b.work.done)
	b.loop.Reader(reports, b.reported)
	return b, nil
}

// makeKeys makes a key for everybody, and trusts all but the stranger's.
func (b *boss) makeKeys() (err error) {
	if b.keys, err = newKeyring(b.zctx, append([]string{bossName}, b.roster.names...)...); err != nil {
		return err
	}
	if err := b.keys.make(strangerName); err != nil || !b.opts.Open {
		return err
	}
	b.lent, err = b.keys.lend(pythonName)
	return err
}

// supervise makes the nodes the children of a supervisor. Each is restarted by
// itself when it fails; one that returns without error was told to.
func (b *boss) supervise(at endpoints) error {
	port, err := freeUDPPort()
	if err != nil {
		return err
	}
	if b.sup, err = actor.NewSupervisor(actor.OneForOne); err != nil {
		return err
	}
	zloop.Each(b.loop, b.sup.Events(b.zctx), b.supervised)
	for _, name := range b.roster.names {
		c := nodeConfig{name: name, keys: b.keys.identity(name), beaconPort: port, boss: at}
		if _, err := b.sup.Add(name, c.run, actor.Transient); err != nil {
			return err
		}
	}
	return nil
}

// run returns when the demo is over, and nothing of it runs any more but the
// boss's own sockets and keys.
func (b *boss) run(ctx context.Context) error {
	b.begun = time.Now()
	b.serve()
	defer b.served.Wait()
	defer b.stop()
	defer context.AfterFunc(ctx, func() { b.loop.Post(b.interrupt) })()
	b.loop.Every(tick, b.direct)
	b.loop.Every(b.view.interval(), b.show)
	return b.loop.Run(b.zctx)
}

// serve runs the supervisor beside the loop. It returns by itself only if it has
// given up.
func (b *boss) serve() {
	ctx, stop := context.WithCancel(b.zctx)
	b.stop = stop
	b.watchGate(ctx)
	b.served.Go(func() {
		err := b.sup.Run(ctx)
		if ctx.Err() == nil {
			b.loop.Post(func() error { return err })
		}
	})
}

// interrupt ends the demo early.
func (b *boss) interrupt() error {
	b.interrupted = true
	return nil
}

func (b *boss) elapsed() time.Duration { return time.Since(b.begun) }

// direct decides what happens next. Every step has a condition beside its time,
// so that a slow machine sees the same play, only longer.
func (b *boss) direct() error {
	now := b.elapsed()
	if b.finishing > 0 {
		return b.awaitFinish(now)
	}
	switch d, a := &b.roster.drama, &b.roster.admission; {
	case b.interrupted,
		now >= b.opts.Duration && d.over() && a.over() && b.roster.complete(),
		now >= b.opts.Duration+patience:
		return b.finish(now)
	case d.lostID == "" && now >= b.opts.Duration*2/5 && b.roster.complete():
		b.roster.beginDrama()
		return b.order(d.victim, orderPanic)
	case !a.sent && now >= b.opts.Duration/2 && d.over():
		return b.sendStranger()
	case !a.dropped && now >= b.opts.Duration*7/10 && a.turnedAway():
		return b.letIn()
	}
	return b.work.issue()
}

// finish tells the nodes to send nothing new.
func (b *boss) finish(now time.Duration) error {
	b.finishing = now
	for _, name := range b.roster.names {
		if err := b.order(name, orderFinish); err != nil {
			return err
		}
	}
	return nil
}

// awaitFinish ends the loop when every node has had its answers, and the boss its
// results.
func (b *boss) awaitFinish(now time.Duration) error {
	if b.roster.finished() && b.work.idle() || now >= b.finishing+patience {
		return zloop.ErrStop
	}
	return nil
}

// order puts an order into the mailbox of a node, where it waits while the node is
// being restarted.
func (b *boss) order(name, order string) error {
	child, _ := b.sup.Child(name)
	a, ok := child.(*actor.Actor)
	if !ok {
		return fmt.Errorf("%s: no such child", name)
	}
	return a.TrySend(msg.NewString(order))
}

// supervised takes what the supervisor tells about its children.
func (b *boss) supervised(e actor.Event) error {
	switch {
	case e.Kind == actor.Exited && e.Err != nil:
		b.happened(event{Kind: eventPanic, Node: e.Child, Detail: e.Err.Error()})
	case e.Kind == actor.Restarting:
		b.happened(event{Kind: eventRestart, Node: e.Child})
	}
	return nil
}

// errReport says that a report of a node could not be read, which is a mistake in
// this program.
var errReport = errors.New("unknown report")

// reported takes a report of a node.
func (b *boss) reported(m msg.Msg) error {
	switch kind := m.PopString(); kind {
	case msgEvent:
		var e event
		if err := json.Unmarshal(m.Pop(), &e); err != nil {
			return fmt.Errorf("%w: %w", errReport, err)
		}
		b.happened(e)
	case msgStatus:
		var s status
		if err := json.Unmarshal(m.Pop(), &s); err != nil {
			return fmt.Errorf("%w: %w", errReport, err)
		}
		b.roster.update(s)
	default:
		return fmt.Errorf("%w %q", errReport, kind)
	}
	return nil
}

// happened enters an event, and shows it.
func (b *boss) happened(e event) {
	now := b.elapsed()
	b.roster.apply(now, e)
	b.view.event(now, e)
	if b.opts.Open && e.Kind == eventStart && e.Node == b.roster.names[0] {
		b.view.invite(pythonGuest(e.Detail, b.lent, b.keys.trusted(e.Node)))
	}
}

func (b *boss) show() error {
	b.view.roster(b.elapsed(), b.roster.rows())
	return nil
}

// close gives back what newBoss has made.
func (b *boss) close() {
	_ = b.loop.Close()
	b.sock.close()
	if b.keys != nil {
		b.keys.close()
	}
	b.zctx.Close()
}
