package beacon

import (
	"time"

	"github.com/go-zactor/zactor/internal/contain"
)

// A publisher is the goroutine that decides what is said and when, and when the
// interfaces are looked at. All its state, and all sending sockets, belong to
// that goroutine; others reach it through do.
type publisher struct {
	commands chan command
	done     <-chan struct{}
	lost     chan struct{} // closed when the goroutine is lost

	say    func(data []byte)                 // sends on every link
	look   func() (greet func([]byte))       // rescans; greet sends on the new links only
	pace   func(time.Duration) time.Duration // what becomes of every; nil leaves it
	rescan time.Duration
	tasks  *contain.Guard

	data  []byte        // what is published; nil while silent
	every time.Duration // valid while data is not nil
	next  *time.Timer   // fires when data is due
}

// command is what others have the goroutine do.
type command struct {
	fn  func()
	ran chan struct{} // closed when fn has returned, or panicked
}

// run serves until done is closed.
func (p *publisher) run() {
	p.next = time.NewTimer(time.Hour)
	p.next.Stop()
	defer p.next.Stop()
	rescan := time.NewTicker(p.rescan)
	defer rescan.Stop()
	for {
		select {
		case <-p.done:
			return
		case command := <-p.commands:
			p.step("beacon: command", command.fn)
			close(command.ran)
		case <-p.next.C:
			p.step("beacon: send", p.send)
		case <-rescan.C:
			p.tasks.Step("beacon: rescan", p.again)
		}
	}
}

// step is a turn that may panic. What is published is sent again an interval later.
func (p *publisher) step(where string, fn func()) {
	if !p.tasks.Step(where, fn) && p.data != nil {
		p.next.Reset(p.every)
	}
}

// again looks at the interfaces, and greets on the new ones.
func (p *publisher) again() {
	if greet := p.look(); p.data != nil {
		greet(p.data)
	}
}

// forsake answers commands with ErrClosed in place of a goroutine that is lost.
func (p *publisher) forsake() { close(p.lost) }

// do runs fn on the publisher's goroutine and returns when it has run. A
// publisher that has ended runs nothing, which is ErrClosed.
func (p *publisher) do(fn func()) error {
	c := command{fn, make(chan struct{})}
	select {
	case <-p.done:
		return ErrClosed
	case <-p.lost:
		return ErrClosed
	case p.commands <- c:
		<-c.ran
		return nil
	}
}

// publish replaces what is said, says it at once, and again at each interval.
func (p *publisher) publish(data []byte, every time.Duration) {
	p.data, p.every = data, every
	p.send()
}

func (p *publisher) silence() {
	p.data = nil
	p.next.Stop()
}

// send counts the interval from the end of each sending, so that a slow
// interface makes beacons rarer and never makes them pile up.
func (p *publisher) send() {
	p.say(p.data)
	wait := p.every
	if p.pace != nil {
		p.tasks.Hook("beacon: WithPace", func() { wait = p.pace(p.every) })
		wait = max(wait, minInterval)
	}
	p.next.Reset(wait)
}
