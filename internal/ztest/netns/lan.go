//go:build linux

package netns

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// patience bounds every wait. Only a test that fails waits for all of it.
const patience = ztest.Patience

// A LAN is a bridge, in a namespace of its own. Hosts of other LANs can be plugged in
// as well: that is how a host gets into two networks.
type LAN struct {
	t      testing.TB
	bridge string
}

// New makes a LAN, and skips the test where that can't be done.
func New(t testing.TB) *LAN {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("no ip command (Debian's iproute2)")
	}
	swept.Do(sweep)
	l := &LAN{t: t, bridge: name()}
	if out, err := run("netns", "add", l.bridge); err != nil {
		t.Skipf("no network namespaces here: %s", out)
	}
	t.Cleanup(func() { _, _ = run("netns", "del", l.bridge) })
	l.IP("-n", l.bridge, "link", "add", "br0", "type", "bridge")
	l.IP("-n", l.bridge, "link", "set", "br0", "up")
	return l
}

var (
	last  atomic.Int64
	swept sync.Once
)

// prefix and the process id begin the name of every namespace.
const prefix = "zactor"

func name() string { return fmt.Sprintf("%s%d-%d", prefix, os.Getpid(), last.Add(1)) }

// sweep deletes the namespaces of test programs that are dead.
func sweep() {
	all, _ := filepath.Glob("/run/netns/" + prefix + "*-*")
	for _, path := range all {
		var pid, n int
		base := filepath.Base(path)
		if _, err := fmt.Sscanf(base, prefix+"%d-%d", &pid, &n); err != nil {
			continue
		}
		if _, err := os.Stat(fmt.Sprint("/proc/", pid)); os.IsNotExist(err) {
			_, _ = run("netns", "del", base)
		}
	}
}

func run(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, "ip", args...).CombinedOutput()
	return string(out), err
}

// IP runs the ip command.
func (l *LAN) IP(args ...string) {
	l.t.Helper()
	if out, err := run(args...); err != nil {
		l.t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// Host makes a namespace with nothing but its loopback, and returns its name.
func (l *LAN) Host() string {
	l.t.Helper()
	host := name()
	l.IP("netns", "add", host)
	l.t.Cleanup(func() { _, _ = run("netns", "del", host) })
	l.IP("-n", host, "link", "set", "lo", "up")
	return host
}

// Plug puts an interface into a host and onto the bridge. Without a cidr it has no
// address but the link-local one of IPv6.
func (l *LAN) Plug(host, dev, cidr string) {
	l.t.Helper()
	far := port(host, dev)
	l.IP("link", "add", far, "netns", l.bridge, "type", "veth", "peer", "name", dev, "netns", host)
	l.IP("-n", l.bridge, "link", "set", far, "master", "br0")
	l.IP("-n", l.bridge, "link", "set", far, "up")
	if cidr != "" {
		l.IP("-n", host, "addr", "add", cidr, "brd", "+", "dev", dev)
	}
	l.IP("-n", host, "link", "set", dev, "up")
}

// port is the bridge's end of a host's cable.
func port(host, dev string) string { return "to" + host[strings.LastIndex(host, "-")+1:] + dev }

// Pull takes an interface out of a host, with its addresses and routes.
func (l *LAN) Pull(host, dev string) {
	l.t.Helper()
	l.IP("-n", host, "link", "del", dev)
}

// Cut interrupts a host's cable behind the bridge: the host sees its interface up and
// all silent, as when a switch elsewhere fails.
func (l *LAN) Cut(host, dev string) {
	l.t.Helper()
	l.IP("-n", l.bridge, "link", "set", port(host, dev), "down")
}

// Mend undoes Cut.
func (l *LAN) Mend(host, dev string) {
	l.t.Helper()
	l.IP("-n", l.bridge, "link", "set", port(host, dev), "up")
}

// Settle waits until IPv6 has ended its search for duplicate addresses on the hosts'
// interface: before that a link-local address can't be used.
func (l *LAN) Settle(dev string, hosts ...string) {
	l.t.Helper()
	for _, host := range hosts {
		for end := time.Now().Add(patience); !settled(host, dev); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				l.t.Fatalf("%s of %s has no IPv6 address after %v", dev, host, patience)
			}
		}
	}
}

func settled(host, dev string) bool {
	out, err := run("-n", host, "-6", "addr", "show", "dev", dev)
	return err == nil && strings.Contains(out, "fe80") && !strings.Contains(out, "tentative")
}
