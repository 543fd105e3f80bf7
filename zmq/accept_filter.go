package zmq

import (
	"fmt"
	"net"
	"net/netip"
	"os/user"
	"slices"
	"strconv"
	"strings"

	"github.com/go-zactor/zactor/internal/transport"
)

// acceptFilters say who may connect to a bound endpoint.
type acceptFilters struct {
	tcp []netip.Prefix
	ipc ipcFilters
}

// ipcFilters are processes, users and groups; passing one of the lists is enough.
type ipcFilters struct{ pid, uid, gid []int }

// filter is nil when everybody may connect.
func (f acceptFilters) filter() func(net.Conn) error {
	if len(f.tcp) == 0 && f.ipc.empty() {
		return nil
	}
	return func(c net.Conn) error {
		a := c.RemoteAddr()
		if a != nil && strings.HasPrefix(a.Network(), "unix") {
			return f.ipc.admit(c)
		}
		return f.admitAddress(a)
	}
}

// admitAddress looks at the address of a connection that is not ipc's. One of a listener
// of the program's, or of its network, may have a form of its own: one that has no IP
// address is in no range.
func (f acceptFilters) admitAddress(a net.Addr) error {
	if len(f.tcp) == 0 {
		return nil
	}
	ip, ok := ipOf(a)
	if !ok {
		return fmt.Errorf("%w: %v has no IP address, and is in none of %v", errFiltered, a, f.tcp)
	}
	if slices.ContainsFunc(f.tcp, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return nil
	}
	return fmt.Errorf("%w: %s is in none of %v", errFiltered, ip, f.tcp)
}

func ipOf(a net.Addr) (ip netip.Addr, ok bool) {
	if t, is := a.(*net.TCPAddr); is {
		ip = t.AddrPort().Addr()
	} else if a != nil {
		if at, err := netip.ParseAddrPort(a.String()); err == nil {
			ip = at.Addr()
		} else {
			ip, _ = netip.ParseAddr(a.String())
		}
	}
	return ip.Unmap().WithZone(""), ip.IsValid()
}

func (f ipcFilters) empty() bool { return len(f.pid)+len(f.uid)+len(f.gid) == 0 }

func (f ipcFilters) admit(c net.Conn) error {
	if f.empty() {
		return nil
	}
	who, ok := transport.Credentials(c)
	if !ok {
		return fmt.Errorf("%w: the system does not say who it is", errFiltered)
	}
	if slices.Contains(f.pid, who.PID) || slices.Contains(f.uid, int(who.UID)) || f.hasGroup(who) {
		return nil
	}
	return fmt.Errorf("%w: process %d of user %d and group %d", errFiltered, who.PID, who.UID, who.GID)
}

// hasGroup looks at the peer's own group, and at those that its user is entered in.
func (f ipcFilters) hasGroup(who transport.PeerCred) bool {
	if len(f.gid) == 0 || slices.Contains(f.gid, int(who.GID)) {
		return len(f.gid) > 0
	}
	groups, err := groupsOf(strconv.FormatUint(uint64(who.UID), 10))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(f.gid, func(id int) bool { return slices.Contains(groups, strconv.Itoa(id)) })
}

// groupsOf asks the system, which may ask a directory elsewhere and take its time: it is
// called by the newcomer's own goroutine, and not by the one that accepts.
var groupsOf = func(uid string) ([]string, error) {
	u, err := user.LookupId(uid)
	if err != nil {
		return nil, err
	}
	return u.GroupIds()
}
