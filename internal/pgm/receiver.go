package pgm

import (
	"context"
	"errors"
	mathrand "math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/pgm/repair"
)

const (
	// heardQueue is how many packets wait between the sockets and the loop.
	heardQueue = 256
	// turn is how many of them are taken before timers are looked at again.
	turn = 64
	// renewal is the least time between two ports that NAKs come from.
	renewal = 200 * time.Millisecond
)

// Receiver hears the groups of an endpoint.
type Receiver struct {
	handler Handler
	cfg     Config
	place   place
	groups  []*packetConn
	machine *repair.Receiver

	heard   chan datagram
	resumed chan *feed    // its pipe has room again
	stop    chan struct{} // closed by end
	ending  sync.Once
	why     error // valid when stop is closed
	once    sync.Once
	wg      sync.WaitGroup

	// The loop's.
	feeds   map[*repair.Source]*feed
	ask     *packetConn // that NAKs are sent from
	vain    int         // NAKs in vain, when ask was opened,
	renewed time.Time   // and when that was
}

// Handler is an endpoint's link.Handler, which is also told of packets that were not heard.
type Handler interface {
	link.Handler
	// Unheard counts packets that were refused because from, at last, sent more than its
	// share. Some of them come again, for NAKs.
	Unheard(from netip.AddrPort, refused, lost uint64)
}

// Receive joins the groups of an endpoint.
//
// Errors: ErrPermission, ErrInterface, or the system's.
func Receive(cfg Config, h Handler) (*Receiver, error) {
	at, err := locate(cfg)
	if err != nil {
		return nil, err
	}
	r := newReceiver(cfg, at, h)
	if err := r.open(); err != nil {
		r.leave()
		return nil, err
	}
	r.run()
	return r, nil
}

func newReceiver(cfg Config, at place, h Handler) *Receiver {
	r := &Receiver{
		handler: h, cfg: cfg, place: at, feeds: map[*repair.Source]*feed{},
		heard: make(chan datagram, heardQueue), resumed: make(chan *feed), stop: make(chan struct{}),
	}
	r.machine = repair.NewReceiver(repair.ReceiverConfig{
		Port: at.port, Budget: cfg.budget(), Random: mathrand.New(mathrand.NewPCG(mathrand.Uint64(), mathrand.Uint64())),
	}, time.Now())
	return r
}

// run begins to receive.
func (r *Receiver) run() {
	for i, l := range r.groups {
		r.wg.Go(func() {
			contain.Alone("pgm", func() {
				l.read(r.place.groups[i], r.heard, r.stop, l.guard(r.unheard))
			}, r.failed)
		})
	}
	r.wg.Go(func() {
		defer contain.Alone("pgm, at its end", r.over, r.failed)
		contain.Alone("pgm", r.loop, r.failed)
	})
}

// unheard says nothing of what the system had no room for: it comes again, or is told of as
// a gap.
func (r *Receiver) unheard(from netip.AddrPort, refused, _ uint64) {
	if refused > 0 {
		r.handler.Unheard(from, refused, 0)
	}
}

// failed ends the receiver, whichever of its goroutines has panicked.
func (r *Receiver) failed(p *contain.Panic) {
	r.end(p)
	r.handler.Panicked(r.cfg.Name, "", p)
}

// end has everything stop.
func (r *Receiver) end(why error) {
	r.ending.Do(func() {
		r.why = why
		close(r.stop)
	})
}

// over tidies up when the loop has ended.
func (r *Receiver) over() {
	r.leave()
	r.ask.Close()
	r.retireAll()
}

func (r *Receiver) open() (err error) {
	for _, g := range r.place.groups {
		l, err := r.place.hear(g)
		if err != nil {
			return err
		}
		r.groups = append(r.groups, l)
	}
	r.ask, err = r.place.ask()
	return err
}

// renew changes the port that NAKs come from when they are in vain. Several sources
// of one host may share one address, and the system picks who gets a packet by where
// it comes from: from another port it may be the right one.
func (r *Receiver) renew(now time.Time) {
	if r.machine.Vain() == r.vain || now.Sub(r.renewed) < renewal {
		return
	}
	r.vain, r.renewed = r.machine.Vain(), now
	if l, err := r.place.ask(); err == nil {
		r.ask.Close()
		r.ask = l
	}
}

// leave closes the sockets of the groups, which ends those who read them.
func (r *Receiver) leave() {
	for _, l := range r.groups {
		l.Close()
	}
}

// loop takes packets and lets time pass, until stop.
func (r *Receiver) loop() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case d := <-r.heard:
			r.take(d)
		case f := <-r.resumed:
			f.stalled = false
			r.serve(f)
		case <-timer.C:
		case <-r.stop:
			return
		}
		if next := r.poll(time.Now()); !next.IsZero() {
			timer.Reset(time.Until(next))
		}
	}
}

// take handles a packet, and those that wait behind it.
func (r *Receiver) take(d datagram) {
	for n := 1; ; n++ {
		if s := r.machine.Handle(time.Now(), d.group, d.from, d.data); s != nil {
			r.serve(r.feedOf(s))
		}
		if n == turn {
			return
		}
		select {
		case d = <-r.heard:
		default:
			return
		}
	}
}

// poll sends what is due, and says when the next is. A source may have something
// then, because what it waited for has been given up.
func (r *Receiver) poll(now time.Time) time.Time {
	if next := r.machine.Next(); !next.IsZero() && !now.Before(next) {
		r.renew(now)
		for to, p := r.machine.Poll(now); p != nil; to, p = r.machine.Poll(now) {
			r.ask.send(to, p)
		}
		r.machine.Sources(func(s *repair.Source) { r.serve(r.feedOf(s)) })
	}
	for _, s := range r.machine.Gone() {
		if f := r.feeds[s]; f != nil {
			r.retire(f, ErrSilent)
			delete(r.feeds, s)
		}
	}
	return r.machine.Next()
}

// Close leaves the groups. What was received stays readable. Nothing of the endpoint
// runs when it returns. A receiver has nothing to wait for.
func (r *Receiver) Close(context.Context) {
	r.once.Do(func() {
		r.end(ErrClosed)
		r.leave()
		r.wg.Wait()
	})
}

func (r *Receiver) retireAll() {
	for _, f := range r.feeds {
		_ = contain.Tell(contain.Call("pgm, at its end", func() { r.retire(f, r.why) }), r.failed)
	}
}

// cause is the reason for a gap that was not on the wire.
func cause(err error) error { return errors.Join(ErrLost, err) }
