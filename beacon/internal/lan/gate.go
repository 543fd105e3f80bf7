package lan

import (
	"net/netip"
	"time"

	"golang.org/x/net/bpf"
)

// Sockets that share a port hear all that is sent to it, and the system has one queue for
// each of them: whoever sends faster than it is read fills it, and what others send is lost
// with what it sends. A queue can't be divided. But on Linux a socket may say, by a filter,
// what is not to come into it. So a Gate has the system refuse, before the queue, what is
// not wanted at all, and for a while everything of a source that floods.

const (
	// muteFor is how long a source is not heard after it was found to flood.
	muteFor = time.Second
	// maxMuted is how many sources one socket refuses at once.
	maxMuted = 64
)

// Gate is the filter of one socket. It belongs to the goroutine that reads it.
type Gate struct {
	six    bool
	set    func([]bpf.RawInstruction) error // fails where the system has no filters
	wanted []bpf.Instruction                // goes on with what is wanted, and refuses the rest
	muted  map[netip.Addr]time.Time         // until when
}

// NewGate makes the gate of a socket and attaches wanted: instructions that end the program
// with bpf.RetConstant{} for what is not wanted, and go on behind themselves for the rest.
// Offset 0 is the UDP header's first byte. Where the system has no filters nothing is
// refused, and so whoever reads has to do it.
func NewGate(l *Listener, wanted []bpf.Instruction) *Gate {
	g := &Gate{six: l.P6 != nil, wanted: wanted, muted: map[netip.Addr]time.Time{}}
	if g.six {
		g.set = l.P6.SetBPF
	} else {
		g.set = l.P4.SetBPF
	}
	g.attach()
	return g
}

// Mute has the system refuse a source until a second has gone by. It reports whether it
// does.
func (g *Gate) Mute(from netip.Addr, now time.Time) bool {
	from = from.Unmap().WithZone("")
	if !from.IsValid() || from.Is6() != g.six || g.muted[from].IsZero() && len(g.muted) >= maxMuted {
		return false
	}
	g.muted[from] = now.Add(muteFor)
	if g.attach() != nil {
		clear(g.muted) // and it is read and refused, as all that there is no filter for
		return false
	}
	return true
}

// Until is when Expire has to be called next; zero if nobody is refused.
func (g *Gate) Until() (next time.Time) {
	for _, end := range g.muted {
		if next.IsZero() || end.Before(next) {
			next = end
		}
	}
	return next
}

// Expire hears the sources again whose time is over.
func (g *Gate) Expire(now time.Time) {
	before := len(g.muted)
	for from, end := range g.muted {
		if !end.After(now) {
			delete(g.muted, from)
		}
	}
	if len(g.muted) < before {
		_ = g.attach() // the system has taken a longer one
	}
}

func (g *Gate) attach() error {
	raw, err := bpf.Assemble(g.program())
	if err != nil {
		return err
	}
	return g.set(raw)
}

// Where a filter of Linux finds the header of the network: SKF_NET_OFF, -0x100000.
const network = 0xfff00000

// program refuses what is not wanted, then the muted sources, and lets in the rest.
func (g *Gate) program() []bpf.Instruction {
	list := append([]bpf.Instruction{}, g.wanted...)
	first := network + uint32(12) // of the source in a header of IPv4
	if g.six {
		first = network + 8
	}
	for from := range g.muted {
		raw := from.AsSlice()
		for words := len(raw) / 4; words > 0; words-- {
			word, at := raw[len(raw)-4*words:], len(raw)-4*words
			value := uint32(word[0])<<24 | uint32(word[1])<<16 | uint32(word[2])<<8 | uint32(word[3])
			list = append(list, bpf.LoadAbsolute{Off: first + uint32(at), Size: 4},
				bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: value, SkipTrue: uint8(2*words - 1)})
		}
		list = append(list, bpf.RetConstant{})
	}
	return append(list, bpf.RetConstant{Val: 1 << 18})
}
