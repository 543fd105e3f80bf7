//go:build interop

package before

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// commit is the version before the public names were settled.
const commit = "bddf339"

// versions are the programs of testdata: that version's, and today's.
type versions struct{ old, today string }

// buildVersions builds both. The old one is built in a copy of its source, which git
// takes out of the history.
func buildVersions(t *testing.T) versions {
	t.Helper()
	root := strings.TrimSpace(run(t, "", "git", "rev-parse", "--show-toplevel"))
	dir := t.TempDir()
	src, v := filepath.Join(dir, "src"), versions{filepath.Join(dir, "old"), filepath.Join(dir, "today")}
	cmd := exec.Command("git", "-C", root, "archive", commit)
	source, err := cmd.Output()
	if err != nil {
		t.Skipf("%s is not in the history, which a shallow clone has not whole: %v", commit, err)
	}
	if err := os.Mkdir(src, 0o700); err != nil {
		t.Fatal(err)
	}
	untar := exec.Command("tar", "-x", "-C", src)
	untar.Stdin = bytes.NewReader(source)
	if out, err := untar.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	peer := filepath.Join(src, "cmd", "peer")
	if err := os.Mkdir(peer, 0o700); err != nil {
		t.Fatal(err)
	}
	files := []string{"peer.go", "toolkit.go"}
	for i, name := range files {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		files[i] = filepath.Join(peer, name)
		if err := os.WriteFile(files[i], b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, src, "go", append([]string{"build", "-o", v.old}, files...)...)
	run(t, "", "go", "build", "-o", v.today, filepath.Join("testdata", "peer.go"))
	return v
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
	return string(out)
}

// peer is a process that one of the programs runs in.
type peer struct {
	*proc.Peer
	t    *testing.T
	name string
}

// start starts a program as one of its parts.
func start(t *testing.T, program string, args ...string) *peer {
	t.Helper()
	p := &peer{proc.NewPeer(t, exec.Command(program, args...)), t, filepath.Base(program) + " " + strings.Join(args, " ")}
	t.Cleanup(p.Kill) // as a fault does: it closes nothing
	p.answer("start")
	return p
}

// do gives a command and returns the answer.
func (p *peer) do(format string, args ...any) string {
	p.t.Helper()
	line := fmt.Sprintf(format, args...)
	p.Say(line)
	return p.answer(line)
}

func (p *peer) answer(to string) string {
	p.t.Helper()
	line := p.Line()
	text, ok := strings.CutPrefix(line, "ok ")
	if !ok {
		p.t.Fatalf("%s: %s: %s", p.name, to, line)
	}
	return text
}

// want gives a command, and fails unless the answer is that.
func (p *peer) want(answer, format string, args ...any) {
	p.t.Helper()
	if got := p.do(format, args...); got != answer {
		p.t.Fatalf("%s: %s: got %.300q, want %.300q", p.name, fmt.Sprintf(format, args...), got, answer)
	}
}

// stats are some of a socket's Stats.
type stats struct{ connected, queued, kept, missed, requeued, disconnects int }

func (p *peer) stats() (st stats) {
	p.t.Helper()
	text := p.do("stats")
	if _, err := fmt.Sscan(text, &st.connected, &st.queued, &st.kept, &st.missed, &st.requeued, &st.disconnects); err != nil {
		p.t.Fatalf("%s: %q: %v", p.name, text, err)
	}
	return st
}

// until waits for a socket to be in a state.
func (p *peer) until(what string, is func(stats) bool) {
	p.t.Helper()
	var st stats
	ztest.Eventually(p.t, p.name+" is "+what, func() bool { st = p.stats(); return is(st) },
		func() string { return fmt.Sprintf("%+v", st) })
}

func fresh(t *testing.T, scheme string) string {
	switch scheme {
	case "ipc":
		return proc.IPC(t, 1)[0]
	case "ws":
		return strings.Replace(proc.TCP(t, 1)[0], "tcp", "ws", 1)
	}
	return proc.TCP(t, 1)[0]
}

// through puts a proxy before an endpoint, and returns what to connect to.
func through(t *testing.T, endpoint string) (*ztest.Proxy, string) {
	scheme, address, _ := strings.Cut(endpoint, "://")
	network := map[string]string{"tcp": "tcp", "ipc": "unix", "ws": "tcp"}[scheme]
	p := ztest.NewProxy(t, network, strings.TrimSuffix(address, "/"))
	if scheme == "ws" {
		return p, strings.Replace(p.Endpoint(), "tcp", "ws", 1)
	}
	return p, p.Endpoint()
}

func numbers(from, to int) string {
	var words []string
	for i := from; i < to; i++ {
		words = append(words, strconv.Itoa(i))
	}
	return strings.Join(words, " ")
}

// A peer of the version before speaks with today's, each in each role, over every
// transport and extension.
func TestVersionBefore(t *testing.T) {
	v := buildVersions(t)
	for _, play := range []struct {
		name    string
		schemes []string
		fn      func(t *testing.T, scheme, a, b string)
	}{
		{"durable", []string{"tcp", "ipc", "ws"}, playDurable},
		{"durable bounds", []string{"tcp"}, playDurableBounds},
		{"gaps", []string{"tcp", "ipc", "ws"}, playGaps},
		{"requeue", []string{"tcp", "ipc"}, playRequeue},
		{"handover", []string{"tcp", "ipc"}, playHandover},
		{"swap", []string{"tcp", "ipc", "ws"}, playSwap},
		{"too large", []string{"tcp", "ipc", "ws"}, playTooLarge},
		{"name in use", []string{"tcp", "ipc", "ws"}, playNameInUse},
	} {
		for _, scheme := range play.schemes {
			t.Run(play.name+" "+scheme+" old new", func(t *testing.T) { play.fn(t, scheme, v.old, v.today) })
			t.Run(play.name+" "+scheme+" new old", func(t *testing.T) { play.fn(t, scheme, v.today, v.old) })
		}
	}
	for name, fn := range map[string]func(*testing.T, string){"gossip": playGossip, "beacon": playBeacon, "zyre": playZyre, "remote": playRemote} {
		t.Run(name, func(t *testing.T) { fn(t, v.old) })
	}
}

// A durable subscriber resumes after a break, and says what it has.
func playDurable(t *testing.T, scheme, publisher, subscriber string) {
	pub, sub := start(t, publisher, "socket", "PUB", "keep=1000"), start(t, subscriber, "socket", "SUB", "durable=name")
	proxy, to := through(t, pub.do("bind %s", fresh(t, scheme)))
	sub.do("subscribe")
	sub.do("connect %s", to)
	pub.do("subscribers 1")
	pub.do("many 0 20 100")
	proxy.Shut()
	proxy.Break(scheme != "ipc")
	pub.until("disconnected", func(s stats) bool { return s.connected == 0 })
	pub.do("many 20 60 100")
	if err := proxy.Open(); err != nil {
		t.Fatal(err)
	}
	pub.do("send end")
	sub.want(numbers(0, 60), "all end")
	pub.until("told that all was taken", func(s stats) bool { return s.kept == 0 })
	if st := sub.stats(); st.missed != 0 {
		t.Errorf("%+v", st)
	}
}

// What is over the bounds is missed, and counted.
func playDurableBounds(t *testing.T, scheme, publisher, subscriber string) {
	pub, sub := start(t, publisher, "socket", "PUB", "keep=10"), start(t, subscriber, "socket", "SUB", "durable=name")
	proxy, to := through(t, pub.do("bind %s", fresh(t, scheme)))
	sub.do("subscribe")
	sub.do("connect %s", to)
	pub.do("subscribers 1")
	pub.do("send first")
	sub.want("", "all first")
	pub.until("told", func(s stats) bool { return s.kept == 0 })
	proxy.Shut()
	proxy.Break(true)
	pub.until("disconnected", func(s stats) bool { return s.connected == 0 })
	pub.do("many 0 49 100")
	pub.do("send end")
	if err := proxy.Open(); err != nil {
		t.Fatal(err)
	}
	sub.want(numbers(40, 49), "all end")
	if st := sub.stats(); st.missed != 40 {
		t.Errorf("%+v, want 40 missed", st)
	}
}

// A subscriber that falls behind is told how much it has missed.
func playGaps(t *testing.T, scheme, publisher, subscriber string) {
	pub := start(t, publisher, "socket", "PUB", "sndhwm=2", "sndbuf=4096")
	sub := start(t, subscriber, "socket", "SUB", "gaps", "rcvhwm=2", "rcvbuf=4096")
	to := pub.do("bind %s", fresh(t, scheme))
	sub.do("subscribe")
	sub.do("connect %s", to)
	pub.do("subscribers 1")
	const sent = 500
	pub.do("many 0 %d 20000", sent)
	sub.Say("all end")
	answered := make(chan string, 1)
	go func() { answered <- sub.answer("all end") }()
	for ends := 1; ; ends++ {
		pub.do("send end")
		select {
		case text := <-answered:
			received, missed := len(strings.Fields(text)), sub.stats().missed
			if missed == 0 || received+missed < sent || received+missed >= sent+ends {
				t.Errorf("of %d, and %d ends, %d were received and %d missed", sent, ends, received, missed)
			}
			return
		case <-time.After(10 * time.Millisecond): // the end may have been dropped, too
		}
	}
}

// What a lost PULL may not have got goes to another one, which is told of doubles.
func playRequeue(t *testing.T, scheme, pusher, puller string) {
	const total = 1500
	push := start(t, pusher, "socket", "PUSH", "requeue", "sndhwm=0")
	lost, other := start(t, puller, "socket", "PULL", "requeue", "rcvhwm=10", "noreconnect"), start(t, puller, "socket", "PULL", "requeue", "rcvhwm=0", "noreconnect")
	endpoint := push.do("bind %s", fresh(t, scheme))
	proxy, to := through(t, endpoint)
	lost.do("connect %s", to)
	push.until("connected", func(s stats) bool { return s.connected == 1 })
	proxy.Set(ztest.Down, ztest.Manners{Stall: true})
	push.do("many 0 %d 10000", total)
	other.do("connect %s", endpoint)
	push.until("connected to both", func(s stats) bool { return s.connected == 2 })
	proxy.Break(scheme != "ipc")
	push.until("rid of one, and of all that was its", func(s stats) bool { return s.connected == 1 && s.requeued > 0 && s.queued == 0 })
	// Whoever requeues promises no order: an end may come before what was given back, and
	// what was never written before what is marked. The kernel tells of a unix socket that
	// was closed already that nothing waits in it.
	got, marked, first := map[string]bool{}, 0, total
	came := func() bool { return first <= 1000 && len(got) == total-first && (marked > 0 || scheme != "tcp") }
	for begin := time.Now(); !came() && time.Since(begin) < ztest.Patience; {
		push.do("send end")
		for _, w := range strings.Fields(other.do("all end")) {
			w, double := strings.CutSuffix(w, "!")
			if got[w] = true; double {
				marked++
			}
		}
		for first > 0 && got[strconv.Itoa(first-1)] {
			first--
		}
	}
	if !came() {
		t.Errorf("all from %d on of %d, which are %d; %d marked", first, total, len(got), marked)
	}
}

// A listener goes from one version to the other under load; clients are of both.
func playHandover(t *testing.T, scheme, holder, successor string) {
	const each = 2000
	a, b := start(t, holder, "socket", "PULL"), start(t, successor, "socket", "PULL")
	endpoint, path := a.do("bind %s", fresh(t, scheme)), filepath.Join(t.TempDir(), "h")
	clients := []*peer{start(t, holder, "socket", "PUSH"), start(t, successor, "socket", "PUSH")}
	for i, c := range clients {
		c.do("connect %s", endpoint)
		c.do("many %d %d 100", i*each, i*each+each/2)
	}
	a.do("collect")
	a.do("handover %s %s", endpoint, path)
	for i, c := range clients {
		c.Say(fmt.Sprintf("many %d %d 100", i*each+each/2, (i+1)*each))
	}
	b.want(endpoint, "takeover %s", path)
	b.do("collect")
	a.do("handed")
	for _, c := range clients {
		c.answer("many")
		c.do("many %d %d 100", 2*each, 2*each+1) // for the successor
	}
	var got [2][]string
	for end := time.Now().Add(ztest.Patience); len(got[0])+len(got[1]) < 2*each+len(clients) && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		got = [2][]string{strings.Fields(a.do("collected")), strings.Fields(b.do("collected"))}
	}
	all := map[string]int{}
	for _, w := range slices.Concat(got[0], got[1]) {
		all[w]++
	}
	last := strconv.Itoa(2 * each)
	if len(got[0]) == 0 || !slices.Contains(got[1], last) {
		t.Errorf("the holder has %d, the successor %d", len(got[0]), len(got[1]))
	}
	for i := range 2 * each {
		if n := all[strconv.Itoa(i)]; n != 1 {
			t.Fatalf("%d came %d times, of %d and %d", i, n, len(got[0]), len(got[1]))
		}
	}
}

// swapSend makes a PUSH with a swap.
func swapSend(t *testing.T, program, dir, endpoint string) *peer {
	p := start(t, program, "socket", "PUSH", "sndhwm=5", "swap="+dir)
	p.do("connect %s", endpoint)
	return p
}

// A swap goes from one version to the other and back: each sends what the one before
// was killed with, and what was received does not come again.
func playSwap(t *testing.T, scheme, first, second string) {
	dir, endpoint, n := t.TempDir(), fresh(t, scheme), 0
	for round, program := range []string{first, second, first, second} {
		push := swapSend(t, program, dir, endpoint)
		push.do("many %d %d 100", n, n+30)
		if round%2 == 0 { // nothing is received: the next version finds it all
			push.Kill()
			n += 30
			continue
		}
		pull := start(t, first, "socket", "PULL")
		pull.do("bind %s", endpoint)
		push.do("send end")
		pull.want(numbers(n-30, n+30), "all end")
		push.until("told", func(s stats) bool { return s.queued == 0 })
		pull.Kill()
		push.Kill()
		n += 30
	}
}

// A message that is too large ends its connection, and no other message.
func playTooLarge(t *testing.T, scheme, pusher, puller string) {
	push, pull := start(t, pusher, "socket", "PUSH"), start(t, puller, "socket", "PULL", "maxsize=1000")
	push.do("connect %s", pull.do("bind %s", fresh(t, scheme)))
	push.do("many 0 10 100")
	pull.want("false 0 "+strings.Repeat("x", 100), "recv")
	push.do("many 10 11 2000")
	pull.until("rid of it", func(s stats) bool { return s.disconnects == 1 })
	push.until("connected again", func(s stats) bool { return s.disconnects == 1 && s.connected == 1 })
	push.do("many 11 20 100")
	push.do("send end")
	got := strings.Fields(pull.do("all end")) // those of two connections, in turn
	want := strings.Fields(numbers(1, 10) + " " + numbers(11, 20))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A second peer with a routing id that is in use is refused, and comes in when the first
// one has left.
func playNameInUse(t *testing.T, scheme, router, dealer string) {
	r, one, two := start(t, router, "socket", "ROUTER"), start(t, dealer, "socket", "DEALER", "id=name"), start(t, dealer, "socket", "DEALER", "id=name")
	endpoint := r.do("bind %s", fresh(t, scheme))
	one.do("connect %s", endpoint)
	one.do("send 1")
	r.want("false name 1", "recv")
	two.do("connect %s", endpoint)
	one.do("send 3")
	r.want("false name 3", "recv")
	r.do("send name back")
	one.want("false back", "recv")
	one.do("close")
	came := make(chan string, 1)
	r.Say("recv")
	go func() { came <- r.answer("recv") }()
	for text := ""; text == ""; {
		two.do("send 2") // what it sends before it hears that it was refused is lost
		select {
		case text = <-came:
			if text != "false name 2" {
				t.Fatalf("the ROUTER got %q", text)
			}
		case <-time.After(5 * time.Millisecond):
		}
	}
	r.do("send name again")
	two.want("false again", "recv")
}
