//go:build interop && linux

package mdns

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/mdns"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/netns"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func init() {
	roles["announce"] = roleAnnounce
	roles["browse"] = roleBrowse
	roles["hashicorp"] = roleHashicorp
	roles["hashicorp-query"] = roleHashicorpQuery
}

// A network is made of namespaces on which mDNS, ours and that of others, runs.
type network struct {
	*netns.LAN
	t *testing.T
}

func newLAN(t *testing.T) *network {
	t.Helper()
	return &network{netns.New(t), t}
}

// An avahi is a host where avahi-daemon runs, on a bus of its own.
type avahi struct {
	*network
	host string
	env  []string
}

const busConfig = `<busconfig><type>system</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="*"/><allow send_destination="*"/><allow receive_type="*"/></policy>
</busconfig>`

func (l *network) avahi(host string) *avahi {
	l.t.Helper()
	for _, program := range []string{"avahi-daemon", "avahi-browse", "avahi-publish", "avahi-resolve", "dbus-daemon", "unshare", "stdbuf"} {
		if _, err := exec.LookPath(program); err != nil {
			l.t.Skipf("no %s (Debian's avahi-daemon, avahi-utils and dbus)", program)
		}
	}
	dir := l.t.TempDir()
	socket, config := filepath.Join(dir, "bus"), filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, socket), 0o600); err != nil {
		l.t.Fatal(err)
	}
	a := &avahi{l, host, []string{"DBUS_SYSTEM_BUS_ADDRESS=unix:path=" + socket}}
	l.Daemon(host, nil, "dbus-daemon", "--config-file="+config, "--nofork", "--nopidfile")
	ztest.Eventually(l.t, "the bus is there", func() bool { _, err := os.Stat(socket); return err == nil })
	conf := filepath.Join(dir, "avahi.conf")
	text := "[server]\nhost-name=theirs\nuse-ipv4=yes\nuse-ipv6=yes\n[publish]\npublish-workstation=no\n"
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
	l.Daemon(host, a.env, "unshare", "-m", "sh", "-c",
		"mkdir -p /run/avahi-daemon && mount -t tmpfs none /run/avahi-daemon && exec avahi-daemon -f "+conf+" --no-drop-root --no-chroot --no-rlimits 2>/dev/null")
	ztest.Eventually(l.t, "avahi is there", func() bool {
		out, err := a.tool("avahi-resolve", "-4", "-n", "theirs.local")
		return err == nil && strings.Contains(out, "theirs.local")
	})
	return a
}

// tool runs one of avahi's programs to its end.
func (a *avahi) tool(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), ztest.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", a.host}, args...)...)
	cmd.Env = append(os.Environ(), a.env...)
	out, err := cmd.Output()
	return string(out), err
}

func (a *avahi) browse() *proc.Peer {
	return a.Daemon(a.host, a.env, "stdbuf", "-oL", "avahi-browse", "-r", "-p", "-k", "_zre._tcp")
}

func (a *avahi) publish(instance string, port int, text ...string) *proc.Peer {
	args := append([]string{"avahi-publish", "-s", instance, "_zre._tcp", fmt.Sprint(port)}, text...)
	return a.Daemon(a.host, a.env, args...)
}

// wantAll waits for lines that start with the prefixes, or with the prefixes after
// "found" or "changed", in any order, and returns their rests.
func wantAll(t *testing.T, p *proc.Peer, prefixes ...string) []string {
	t.Helper()
	rests := make([]string, len(prefixes))
	open := len(prefixes)
	for deadline := time.After(ztest.Patience); open > 0; {
		select {
		case line := <-p.Lines():
			line = strings.TrimPrefix(strings.TrimPrefix(line, "found "), "changed ")
			for i, prefix := range prefixes {
				if rest, ok := strings.CutPrefix(line, prefix); ok && rests[i] == "" {
					rests[i] = rest
					open--
				}
			}
		case <-deadline:
			t.Fatalf("of %q came only %q", prefixes, rests)
		}
	}
	return rests
}

// twoHosts makes a network with two hosts whose addresses are ready.
func twoHosts(t *testing.T) (l *network, a, b string) {
	l = newLAN(t)
	a, b = l.Host(), l.Host()
	l.Plug(a, "eth0", "10.77.0.1/24")
	l.Plug(b, "eth0", "10.77.0.2/24")
	l.Settle("eth0", a, b)
	return l, a, b
}

func (l *network) announcer(host, instance string, env ...string) *proc.Peer {
	return l.Role(host, "announce", append(env, "INSTANCE="+instance)...)
}

func (l *network) browser(host string, env ...string) *proc.Peer {
	return l.Role(host, "browse", env...)
}

// avahi-browse sees what we announce, over IPv4 and IPv6, resolves it, sees a change
// of the text, and that it goes.
func TestInteropAvahiSeesUs(t *testing.T) {
	l, a, b := twoHosts(t)
	theirs := l.avahi(a)
	list := theirs.browse()
	us := l.announcer(b, "My Node v1.2")
	us.Want("ANNOUNCED My Node v1.2")
	const name = `;My\032Node\032v1\.2;_zre._tcp;local;ours.local;`
	got := wantAll(t, list, "+;eth0;IPv4;My", "+;eth0;IPv6;My", "=;eth0;IPv4"+name+"10.77.0.2;5670;", "=;eth0;IPv6"+name)
	for _, rest := range got[2:] {
		if !strings.Contains(rest, `"ep=tcp://*:5670"`) {
			t.Errorf("avahi resolved %q", rest)
		}
	}
	if out, err := theirs.tool("avahi-resolve", "-4", "-n", "ours.local"); err != nil || !strings.Contains(out, "10.77.0.2") {
		t.Errorf("avahi resolved our host to %q, %v", out, err)
	}
	if out, err := theirs.tool("avahi-browse", "-a", "-t", "-p"); err != nil || !strings.Contains(out, "_zre._tcp") {
		t.Errorf("avahi lists %q, %v", out, err)
	}
	us.Say("update")
	us.Want("UPDATED")
	ztest.Eventually(t, "avahi sees the new text", func() bool {
		out, err := theirs.tool("avahi-browse", "-r", "-t", "-p", "-k", "_zre._tcp")
		return err == nil && strings.Contains(out, "v=2")
	})
	start := time.Now()
	us.Hangup()
	list.Want("-;eth0;IPv4;My")
	t.Logf("gone after %v", time.Since(start))
}

// We see what avahi publishes, every service of it, and its goodbyes.
func TestInteropWeSeeAvahi(t *testing.T) {
	l, a, b := twoHosts(t)
	theirs := l.avahi(a)
	early := l.browser(b)
	early.Want("READY")
	var published []*proc.Peer
	want := []string{"Their Node v1.0", "a.b", "Büro (3)", "plain"}
	for i, name := range want {
		published = append(published, theirs.publish(name, 4711+i, "k=v", fmt.Sprint("n=", i)))
	}
	found := func(p *proc.Peer) {
		t.Helper()
		var lines []string // an address may come later than the service, as a change
		for i, name := range want {
			lines = append(lines, fmt.Sprintf("%s|%d|eth0|map[k:v n:%d]|[10.77.0.1", name, 4711+i, i))
		}
		wantAll(t, p, lines...)
	}
	found(early)
	late := l.browser(b) // beside the early one, on the same port
	found(late)
	published[0].Kill()
	for _, p := range []*proc.Peer{early, late} {
		if got := p.Want("lost "); !strings.HasPrefix(got, want[0]+"|") {
			t.Errorf("lost %q", got)
		}
	}
}

// A name that avahi has on the network is left to it, and ours is not given up for one
// that comes later.
func TestInteropAvahiConflict(t *testing.T) {
	l, a, b := twoHosts(t)
	theirs := l.avahi(a)
	list := theirs.browse()
	theirs.publish("node", 1)
	list.Want("=;eth0;IPv4;node;")
	us := l.announcer(b, "node")
	us.Want("ANNOUNCED node (2)")
	list.Want(`=;eth0;IPv4;node\032\0402\041;`)
	other := l.announcer(b, "mine", "HOST=other")
	other.Want("ANNOUNCED mine")
	list.Want("=;eth0;IPv4;mine;")
	theirs.publish("mine", 3)
	list.Want(`+;eth0;IPv4;mine\032\0352;`) // avahi's way of numbering
	other.Say("name")
	if got := other.Want("NAME "); got != "mine" {
		t.Errorf("our name is %q now", got)
	}
}

// Interfaces that come and go: a service is announced on the new one, found there, and
// lost with it; no socket is left behind.
func TestInteropMDNSHotPlug(t *testing.T) {
	l := newLAN(t)
	a, b := l.Host(), l.Host()
	l.Plug(a, "eth0", "10.77.0.1/24")
	l.announcer(a, "node").Want("STARTED")
	mover := l.browser(b)
	speaker := l.announcer(b, "moving", "HOST=moving")
	fds := 0
	for round := range 3 {
		l.Plug(b, "eth0", "10.77.0.2/24")
		names := []string{mover.Want("found "), mover.Want("found ")}
		if all := strings.Join(names, " "); !strings.Contains(all, "node|5670|eth0") || !strings.Contains(all, "moving|5670|eth0") {
			t.Errorf("found %q", names)
		}
		open := func() (now int) {
			speaker.Say("fds")
			fmt.Sscan(speaker.Want("FDS "), &now)
			return now
		}
		if round == 0 {
			fds = open()
		}
		// A look at the interfaces has a descriptor for a moment; one that is lost stays.
		ztest.Eventually(t, fmt.Sprintf("round %d: as many descriptors as in the first", round), func() bool { return open() <= fds })
		l.Pull(b, "eth0")
		mover.Want("lost ")
		mover.Want("lost ")
	}
}

// Two interfaces: each is told its own address, and what is found says where.
func TestInteropTwoInterfaces(t *testing.T) {
	l := newLAN(t)
	a, b := l.Host(), l.Host()
	l.Plug(a, "eth0", "10.77.0.1/24")
	l.Plug(b, "eth0", "10.77.0.2/24")
	// A second network of its own between the two.
	l.IP("link", "add", "eth1", "netns", a, "type", "veth", "peer", "name", "eth1", "netns", b)
	for host, cidr := range map[string]string{a: "10.78.0.1/24", b: "10.78.0.2/24"} {
		l.IP("-n", host, "addr", "add", cidr, "brd", "+", "dev", "eth1")
		l.IP("-n", host, "link", "set", "eth1", "up")
	}
	l.Settle("eth0", a, b)
	l.announcer(a, "node").Want("ANNOUNCED")
	p := l.browser(b)
	for range 2 {
		got := p.Want("found ")
		if on0, on1 := strings.Contains(got, "eth0") && strings.Contains(got, "10.77.0.1"), strings.Contains(got, "eth1") && strings.Contains(got, "10.78.0.1"); on0 == on1 {
			t.Errorf("found %q", got)
		}
		if strings.Contains(got, "10.77.0.1") && strings.Contains(got, "10.78.0.1") {
			t.Errorf("an address of the other network in %q", got)
		}
	}
}

// roleAnnounce announces INSTANCE and obeys.
func roleAnnounce() error {
	host := os.Getenv("HOST")
	if host == "" {
		host = "ours"
	}
	s := Service{Instance: os.Getenv("INSTANCE"), Type: "_zre._tcp", Port: 5670, Text: map[string]string{"ep": "tcp://*:5670"}}
	a, err := Announce(context.Background(), s, WithHost(host), WithRescan(50*time.Millisecond))
	if err != nil {
		return err
	}
	defer a.Close()
	fmt.Println("STARTED")
	go func() {
		if a.Wait(context.Background()) == nil {
			fmt.Println("ANNOUNCED", a.Name(s.Instance, s.Type))
		}
	}()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		switch in.Text() {
		case "update":
			s.Text = map[string]string{"v": "2"}
			if err := a.Update(s); err != nil {
				return err
			}
			fmt.Println("UPDATED")
		case "name":
			fmt.Println("NAME", a.Name(s.Instance, s.Type))
		case "fds":
			fds, _ := os.ReadDir("/proc/self/fd")
			fmt.Println("FDS", len(fds))
		}
	}
	return nil
}

// roleBrowse prints what it finds.
func roleBrowse() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b, err := Browse(ctx, "_zre._tcp", WithRescan(50*time.Millisecond))
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for e := range b.Events(ctx) {
			fmt.Printf("%v %s|%d|%s|%v|%v\n", e.Kind, e.Service.Instance, e.Service.Port, e.Interface, e.Service.Text, e.Addrs)
		}
	}()
	fmt.Println("READY")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
	}
	b.Close()
	<-ended
	return nil
}

// The plain server of hashicorp/mdns, which answers the asker only, is found, two of
// them on one host beside other users of port 5353; and its client finds us.
func TestInteropHashicorp(t *testing.T) {
	l, a, b := twoHosts(t)
	l.IP("-n", b, "route", "add", "224.0.0.0/4", "dev", "eth0") // which its client needs
	for _, name := range []string{"one", "two"} {
		l.Role(a, "hashicorp", "INSTANCE="+name).Want("SERVING")
	}
	l.announcer(b, "beside", "HOST=beside").Want("ANNOUNCED") // holds port 5353 on the browser's host
	p := l.browser(b)
	wantAll(t, p, "one|4711|eth0|map[from:hashicorp]", "two|4711|eth0|map[from:hashicorp]", "beside|5670|eth0")

	l.announcer(a, "ours", "HOST=ours").Want("ANNOUNCED")
	q := l.Role(b, "hashicorp-query")
	if got := q.Want("ENTRY ours._zre._tcp.local. "); !strings.HasPrefix(got, "5670 10.77.0.1") {
		t.Errorf("hashicorp's client found %q", got)
	}
}

func roleHashicorp() error {
	service, err := mdns.NewMDNSService(os.Getenv("INSTANCE"), "_zre._tcp", "", "plain.local.", 4711, []net.IP{net.IPv4(10, 77, 0, 1)}, []string{"from=hashicorp"})
	if err != nil {
		return err
	}
	nic, err := net.InterfaceByName("eth0")
	if err != nil {
		return err
	}
	s, err := mdns.NewServer(&mdns.Config{Zone: service, Iface: nic, Logger: log.New(io.Discard, "", 0)})
	if err != nil {
		return err
	}
	defer s.Shutdown()
	fmt.Println("SERVING")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func roleHashicorpQuery() error {
	nic, err := net.InterfaceByName("eth0")
	if err != nil {
		return err
	}
	entries := make(chan *mdns.ServiceEntry, 100)
	for range 5 {
		err := mdns.Query(&mdns.QueryParam{
			Service: "_zre._tcp", Interface: nic, Entries: entries, Timeout: time.Second, DisableIPv6: true, Logger: log.New(io.Discard, "", 0),
		})
		if err != nil {
			return err
		}
		for len(entries) > 0 {
			e := <-entries
			fmt.Println("ENTRY", e.Name, e.Port, e.AddrV4)
		}
	}
	return nil
}
