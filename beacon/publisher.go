package beacon

import "time"

// A publisher is the goroutine that decides what is said and when, and when the
// interfaces are looked at. All its state, and all sending sockets, belong to
// that goroutine; others reach it through do.
type publisher struct {
	commands chan func()
	done     <-chan struct{}

	say    func(data []byte)                 // sends on every link
	look   func() (greet func([]byte))       // rescans; greet sends on the new links only
	pace   func(time.Duration) time.Duration // what becomes of every; nil leaves it
	rescan time.Duration

	data  []byte        // what is published; nil while silent
	every time.Duration // valid while data is not nil
	next  *time.Timer   // fires when data is due
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
			command()
		case <-p.next.C:
			p.send()
		case <-rescan.C:
			if greet := p.look(); p.data != nil {
				greet(p.data)
			}
		}
	}
}

// do runs fn on the publisher's goroutine and returns when it has run. A
// publisher that has ended runs nothing, which is ErrClosed.
func (p *publisher) do(fn func()) error {
	ran := make(chan struct{})
	select {
	case <-p.done:
		return ErrClosed
	case p.commands <- func() { defer close(ran); fn() }:
		<-ran
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
		wait = max(p.pace(wait), minInterval)
	}
	p.next.Reset(wait)
}
