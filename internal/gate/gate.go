package gate

import (
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/net/ipv4"
)

// maxSources is how many sources one socket refuses at once.
const maxSources = 64

// Gate is the filter of one socket. It belongs to the goroutine that reads it.
type Gate struct {
	set     func([]bpf.RawInstruction) error // fails where the system has no filters
	wanted  []bpf.Instruction                // goes on with what is wanted, and refuses the rest
	refused map[netip.AddrPort]refusal
}

// refusal is how one source is refused.
type refusal struct {
	until time.Time // zero: until it is said otherwise
	part  float64   // of what it sends comes in; 0 is nothing
}

// New makes the gate of a socket, UDP or raw IP, and attaches wanted: instructions that end the
// program with bpf.RetConstant{} for what is not wanted, and go on behind themselves for the
// rest. Offset 0 is the UDP header's first byte. Where the system has no filters nothing is
// refused, and so whoever reads has to do it.
func New(c net.PacketConn, wanted []bpf.Instruction) *Gate {
	// A filter is an option of the socket, and none of IPv4.
	g := &Gate{set: ipv4.NewPacketConn(c).SetBPF, wanted: wanted, refused: map[netip.AddrPort]refusal{}}
	if len(wanted) > 0 {
		_ = g.attach()
	}
	return g
}

// Mute has the system refuse all that an address sends, from any port, until a time. It
// reports whether it does.
func (g *Gate) Mute(from netip.Addr, until time.Time) bool {
	return g.refuse(netip.AddrPortFrom(from, 0), refusal{until: until})
}

// Thin has the system let in a part of what a source sends, by chance, until it is told
// otherwise: 1 is all again. Port 0 means all ports of the address. It reports whether it does.
func (g *Gate) Thin(from netip.AddrPort, part float64) bool {
	if part >= 1 {
		if from = plain(from); g.refuses(from) {
			delete(g.refused, from)
			_ = g.attach() // the system has taken a longer one
		}
		return true
	}
	return g.refuse(from, refusal{part: part})
}

func (g *Gate) refuses(from netip.AddrPort) bool { _, ok := g.refused[from]; return ok }

func plain(from netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(from.Addr().Unmap().WithZone(""), from.Port())
}

func (g *Gate) refuse(from netip.AddrPort, r refusal) bool {
	from = plain(from)
	if _, known := g.refused[from]; !from.Addr().IsValid() || !known && len(g.refused) >= maxSources {
		return false
	}
	g.refused[from] = r
	if g.attach() != nil {
		clear(g.refused) // and it is read and refused, as all that there is no filter for
		return false
	}
	return true
}

// Until is when Expire has to be called next; zero if nobody's time is over by then.
func (g *Gate) Until() (next time.Time) {
	for _, r := range g.refused {
		if !r.until.IsZero() && (next.IsZero() || r.until.Before(next)) {
			next = r.until
		}
	}
	return next
}

// Expire hears the sources again whose time is over.
func (g *Gate) Expire(now time.Time) {
	before := len(g.refused)
	for from, r := range g.refused {
		if !r.until.IsZero() && !r.until.After(now) {
			delete(g.refused, from)
		}
	}
	if len(g.refused) < before {
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

// Where a filter of Linux finds the header of the network, SKF_NET_OFF, -0x100000, and what
// its first byte says of the version; and what it answers for all of a datagram.
const (
	network  = 0xfff00000
	version4 = 0x40
	version6 = 0x60
	all      = 1 << 18
)

// program refuses what is not wanted, then the refused sources, and lets in the rest.
func (g *Gate) program() []bpf.Instruction {
	list := append([]bpf.Instruction{}, g.wanted...)
	for from, r := range g.refused {
		list = append(list, refusing(from, r.part)...)
	}
	return append(list, bpf.RetConstant{Val: all})
}

// refusing ends the program for what comes from a source, and goes on behind itself for the
// rest.
func refusing(from netip.AddrPort, part float64) []bpf.Instruction {
	then := []bpf.Instruction{bpf.RetConstant{}}
	if part > 0 {
		then = []bpf.Instruction{
			bpf.LoadExtension{Num: bpf.ExtRand},
			bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: uint32(part * (1 << 32)), SkipTrue: 1},
			bpf.RetConstant{Val: all},
			bpf.RetConstant{},
		}
	}
	// unless goes to the end where what was loaded last is not value.
	unless := func(load bpf.Instruction, value uint32) {
		then = append([]bpf.Instruction{load, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: value, SkipTrue: uint8(len(then))}}, then...)
	}
	if p := from.Port(); p != 0 {
		unless(bpf.LoadAbsolute{Off: 0, Size: 2}, uint32(p))
	}
	first, version, raw := network+uint32(12), uint32(version4), from.Addr().AsSlice() // of the source in a header of IPv4
	if from.Addr().Is6() {
		first, version = network+8, version6
	}
	for at := len(raw) - 4; at >= 0; at -= 4 {
		word := raw[at : at+4]
		value := uint32(word[0])<<24 | uint32(word[1])<<16 | uint32(word[2])<<8 | uint32(word[3])
		unless(bpf.LoadAbsolute{Off: first + uint32(at), Size: 4}, value)
	}
	// A socket of IPv6 may hear IPv4 as well.
	then = append([]bpf.Instruction{
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xf0},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: version, SkipTrue: uint8(len(then))},
	}, then...)
	return append([]bpf.Instruction{bpf.LoadAbsolute{Off: network, Size: 1}}, then...)
}
