package zmq4

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// Polled is a socket and what it is ready for, of what was asked.
type Polled struct {
	Socket *Socket
	Events State
}

// Poller waits for many sockets. It is for one goroutine.
type Poller struct{ items []Polled }

// NewPoller makes a poller without sockets.
func NewPoller() *Poller { return &Poller{} }

// Add has the poller wait for a socket, and returns the id of the entry.
func (p *Poller) Add(soc *Socket, events State) int {
	p.items = append(p.items, Polled{soc, events})
	return len(p.items) - 1
}

// Update changes what an entry waits for.
func (p *Poller) Update(id int, events State) (previous State, err error) {
	if id < 0 || id >= len(p.items) {
		return 0, ErrorNoSocket
	}
	previous, p.items[id].Events = p.items[id].Events, events
	return previous, nil
}

// UpdateBySocket changes what the first entry of a socket waits for.
func (p *Poller) UpdateBySocket(soc *Socket, events State) (previous State, err error) {
	return p.Update(p.find(soc), events)
}

// Remove takes an entry out. The ids of those behind it then are one lower.
func (p *Poller) Remove(id int) error {
	if id < 0 || id >= len(p.items) {
		return ErrorNoSocket
	}
	p.items = slices.Delete(p.items, id, id+1)
	return nil
}

// RemoveBySocket takes the first entry of a socket out.
func (p *Poller) RemoveBySocket(soc *Socket) error { return p.Remove(p.find(soc)) }

func (p *Poller) find(soc *Socket) int {
	return slices.IndexFunc(p.items, func(i Polled) bool { return i.Socket == soc })
}

// String lists the entries.
func (p *Poller) String() string {
	list := []string{}
	for _, i := range p.items {
		list = append(list, fmt.Sprintf("%v%v", i.Socket, i.Events))
	}
	return fmt.Sprint("Poller", list)
}

// Poll waits until a socket is ready, and returns those that are; none when the time is
// over. A negative timeout is without end.
//
// Errors: ErrorSocketClosed, ETERM.
func (p *Poller) Poll(timeout time.Duration) ([]Polled, error) { return p.poll(timeout, false) }

// PollAll is Poll that returns every entry in order; those that are not ready have no
// Events.
func (p *Poller) PollAll(timeout time.Duration) ([]Polled, error) { return p.poll(timeout, true) }

func (p *Poller) poll(timeout time.Duration, all bool) ([]Polled, error) {
	if len(p.items) == 0 {
		return []Polled{}, nil
	}
	changed := make(chan struct{}, 1)
	for _, i := range p.items {
		defer i.Socket.core.Notify(changed)()
	}
	var over <-chan time.Time
	if timeout >= 0 {
		t := time.NewTimer(timeout)
		defer t.Stop()
		over = t.C
	}
	for {
		list, ready, err := p.look(all)
		if ready || err != nil || timeout == 0 {
			return list, err
		}
		select {
		case <-changed:
		case <-over:
			list, _, err := p.look(all)
			return list, err
		}
	}
}

// look asks every socket once.
func (p *Poller) look(all bool) (list []Polled, any bool, err error) {
	list = []Polled{}
	for _, i := range p.items {
		core, err := i.Socket.use()
		if err == nil && i.Socket.ctx.over() {
			err = ETERM
		}
		if err != nil {
			return []Polled{}, false, err
		}
		is := i.Socket.readyFor(core) & i.Events
		any = any || is != 0
		if all || is != 0 {
			list = append(list, Polled{i.Socket, is})
		}
	}
	return list, any, nil
}

// ready is what a call would not wait for now.
func (soc *Socket) ready() State { return soc.readyFor(soc.core) }

func (soc *Socket) readyFor(core *zmq.Socket) (s State) {
	e := core.Poll()
	soc.mu.Lock()
	defer soc.mu.Unlock()
	if e&zmq.PollIn != 0 || len(soc.rest) > 0 {
		s |= POLLIN
	}
	if e&zmq.PollOut != 0 {
		s |= POLLOUT
	}
	return s
}
