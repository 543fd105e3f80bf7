package ztest

import (
	"fmt"
	"strings"
	"sync"
)

// Ledger keeps the books of what was received, over all receivers.
type Ledger struct {
	mu    sync.Mutex
	flows map[uint32]*account
	bad   []string
}

// account is one flow.
type account struct {
	seen     []uint64 // a bit for each number
	received uint64
	highest  uint64
	doubled  uint64
}

// NewLedger makes an empty one.
func NewLedger() *Ledger { return &Ledger{flows: map[uint32]*account{}} }

const maxBad = 20

func (l *Ledger) fault(format string, args ...any) {
	if len(l.bad) < maxBad {
		l.bad = append(l.bad, fmt.Sprintf(format, args...))
	}
}

// enter notes a number.
func (l *Ledger) enter(flow uint32, num uint64) {
	a := l.flows[flow]
	if a == nil {
		a = &account{}
		l.flows[flow] = a
	}
	for uint64(len(a.seen)) <= num/64 {
		a.seen = append(a.seen, 0)
	}
	a.received++
	a.highest = max(a.highest, num)
	if bit := uint64(1) << (num % 64); a.seen[num/64]&bit != 0 {
		a.doubled++
		l.fault("message %d of flow %d doubled", num, flow)
	} else {
		a.seen[num/64] |= bit
	}
}

// Received is the number of messages of a flow.
func (l *Ledger) Received(flow uint32) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.flows[flow]; a != nil {
		return a.received
	}
	return 0
}

// Has reports whether a message has been received.
func (l *Ledger) Has(flow uint32, num uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.flows[flow]
	return a != nil && num/64 < uint64(len(a.seen)) && a.seen[num/64]>>(num%64)&1 == 1
}

// Total is the number of messages of all flows.
func (l *Ledger) Total() (n uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.flows {
		n += a.received
	}
	return n
}

// Err tells of all faults so far: doubled, out of order, damaged, in part. What
// was lost is for Complete, or allowed.
func (l *Ledger) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.bad) == 0 {
		return nil
	}
	return fmt.Errorf("%d faults or more:\n%s", len(l.bad), strings.Join(l.bad, "\n"))
}

// Complete is Err, and an error as well when one of the n messages of a flow is
// missing, or there is one that was never sent.
func (l *Ledger) Complete(flow uint32, n uint64) error {
	if err := l.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.flows[flow]
	if a == nil {
		a = &account{}
	}
	if a.received == n && (n == 0 || a.highest == n-1) {
		return nil
	}
	first := n
	for num := range n {
		if num/64 >= uint64(len(a.seen)) || a.seen[num/64]>>(num%64)&1 == 0 {
			first = num
			break
		}
	}
	return fmt.Errorf("flow %d: %d of %d messages, the first one missing is %d, the highest there is %d",
		flow, a.received, n, first, a.highest)
}

// View is what one receiver sees. It is used by one goroutine.
type View struct {
	ledger *Ledger
	next   map[uint32]uint64
	only   *Flow // known to be the only flow
	mixed  bool  // numbers need not rise
}

// View makes the view of one receiver, to whom the numbers of each flow must rise.
// A flow with bare messages must be the only one, and be given here.
func (l *Ledger) View(only *Flow) *View {
	return &View{ledger: l, next: map[uint32]uint64{}, only: only}
}

// AnyOrder lets the numbers of a flow come as they like: they came over several
// connections, and a receiver takes from those in turn.
func (v *View) AnyOrder() *View {
	v.mixed = true
	return v
}

// Take checks and enters a message. It reports whether it was in order.
func (v *View) Take(frames [][]byte) bool {
	flow, num, err := v.open(frames)
	l := v.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.fault("%v", err)
		return false
	}
	if num < v.next[flow] && !v.mixed {
		l.fault("message %d of flow %d came after %d", num, flow, v.next[flow]-1)
	}
	v.next[flow] = num + 1
	l.enter(flow, num)
	return true
}

func (v *View) open(frames [][]byte) (flow uint32, num uint64, err error) {
	if v.only != nil && len(frames) == 1 && len(frames[0]) == 0 {
		if next := v.next[v.only.ID]; v.only.bare(next) {
			return v.only.ID, next, nil
		}
		return 0, 0, fmt.Errorf("an empty message where %d was due", v.next[v.only.ID])
	}
	flow, num, err = Open(frames)
	if err == nil && v.only != nil && len(frames) != v.only.shape(num).parts {
		err = fmt.Errorf("message %d has %d frames", num, len(frames))
	}
	return flow, num, err
}
