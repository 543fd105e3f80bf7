package zmq4

import (
	"errors"
	"fmt"
	"time"
)

// Reactor calls functions when sockets are ready and channels have something. It is for
// one goroutine; what it calls may add and remove.
type Reactor struct {
	sockets  map[*Socket]func(State) error
	poller   *Poller
	channels map[uint64]*reactorChannel
	last     uint64
	verbose  bool
}

type reactorChannel struct {
	take   func() (value any, ok, there bool) // without waiting
	limit  int
	handle func(any) error
}

// NewReactor makes a reactor with nothing in it.
func NewReactor() *Reactor {
	return &Reactor{sockets: map[*Socket]func(State) error{}, poller: NewPoller(), channels: map[uint64]*reactorChannel{}}
}

// AddSocket has a function called when a socket is ready, in place of an earlier one.
func (r *Reactor) AddSocket(soc *Socket, events State, handler func(State) error) {
	r.RemoveSocket(soc)
	r.sockets[soc] = handler
	r.poller.Add(soc, events)
}

// RemoveSocket undoes AddSocket.
func (r *Reactor) RemoveSocket(soc *Socket) {
	delete(r.sockets, soc)
	_ = r.poller.RemoveBySocket(soc) // it may never have been there
}

// AddChannel has a function called with what comes from a channel, limit values at most
// before the sockets have their turn (0: any number). A channel that closes is removed.
func (r *Reactor) AddChannel(ch <-chan interface{}, limit int, handler func(interface{}) error) (id uint64) {
	return r.add(limit, handler, func() (any, bool, bool) {
		select {
		case v, ok := <-ch:
			return v, ok, true
		default:
			return nil, false, false
		}
	})
}

// AddChannelTime is AddChannel for a ticker's channel.
func (r *Reactor) AddChannelTime(ch <-chan time.Time, limit int, handler func(interface{}) error) (id uint64) {
	return r.add(limit, handler, func() (any, bool, bool) {
		select {
		case v, ok := <-ch:
			return v, ok, true
		default:
			return nil, false, false
		}
	})
}

func (r *Reactor) add(limit int, handler func(any) error, take func() (any, bool, bool)) uint64 {
	r.last++
	r.channels[r.last] = &reactorChannel{take, limit, handler}
	return r.last
}

// RemoveChannel undoes AddChannel.
func (r *Reactor) RemoveChannel(id uint64) { delete(r.channels, id) }

// SetVerbose prints what happens.
func (r *Reactor) SetVerbose(verbose bool) { r.verbose = verbose }

// Run calls the functions until one of them returns an error, which it returns. Channels
// are looked at every interval, and after each event of a socket; with a negative one,
// for ever, there may be no channels.
func (r *Reactor) Run(interval time.Duration) (err error) {
	for {
		if err := r.runChannels(); err != nil {
			return err
		}
		switch {
		case len(r.channels) > 0 && interval < 0:
			return errors.New("There are channels, but polling time-out is infinite")
		case len(r.sockets) > 0:
			if err := r.runSockets(interval); err != nil {
				return err
			}
		case len(r.channels) == 0:
			return errors.New("No sockets to poll, no channels to read")
		default:
			time.Sleep(interval)
		}
	}
}

func (r *Reactor) runChannels() error {
	for id, ch := range r.channels {
		for n := 0; ch.limit <= 0 || n < ch.limit; n++ {
			value, ok, there := ch.take()
			if !there || r.channels[id] != ch {
				break
			}
			if !ok {
				r.print("removing closed channel", id)
				r.RemoveChannel(id)
				break
			}
			r.print("channel", id, value)
			if err := ch.handle(value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Reactor) runSockets(interval time.Duration) error {
	ready, err := r.poller.Poll(interval)
	if err != nil {
		return err
	}
	for _, p := range ready {
		handle := r.sockets[p.Socket]
		if handle == nil { // an earlier one has removed it
			continue
		}
		r.print(p.Socket, p.Events)
		if err := handle(p.Events); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reactor) print(what ...any) {
	if r.verbose {
		fmt.Println(append([]any{"Reactor:"}, what...)...)
	}
}
