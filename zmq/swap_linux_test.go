package zmq_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// A disk that is full is an error of Send, which has sent nothing then; what was
// accepted before is delivered, and then sends go on, round after round: each message is
// either refused or received once.
func TestSwapOnFullDisk(t *testing.T) {
	for _, sync := range []bool{true, false} {
		t.Run(fmt.Sprintf("sync=%v", sync), func(t *testing.T) {
			k := alone(t, "tcp")
			dir := t.TempDir()
			if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
				t.Skipf("no small disk: %v", err)
			}
			t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
			endpoint := k.endpoint()
			w := &witness{}
			push := w.open(k, zmq.Push, zmq.WithName("spool"), zmq.WithSendHWM(5), zmq.WithSwap(dir, 0), zmq.WithSwapSync(sync))
			k.ok(push.Connect(endpoint))
			sent := uint64(0)
			for round := range 4 {
				accepted := fillSwap(k, push, round)
				sent += uint64(accepted)
				if line := []string{"ZA0419", "swap failed", "no space left on device", `"socket":"spool"`, `"endpoint":"` + endpoint + `"`}; !w.logged(line) {
					t.Errorf("no line has %q", line)
				}
				pull := k.open(zmq.Pull)
				_, err := pull.Bind(endpoint)
				k.ok(err)
				for i := range accepted {
					k.want(pull, fmt.Sprint(round, i), fillBody)
				}
				k.until("all is acknowledged", func() bool { return push.Stats().Queued == 0 })
				if m, err := pull.TryRecv(); err == nil {
					t.Errorf("%d bytes more than were accepted", m.Size())
				}
				k.ok(pull.Close())
				k.until("the peer is gone", func() bool { return !push.Peers()[0].Connected })
			}
			if st := push.Stats(); st.Sent != sent {
				t.Errorf("sent %d, accepted %d", st.Sent, sent)
			}
		})
	}
}

var fillBody = strings.Repeat("f", 10_000)

// fillSwap sends until the disk is full.
func fillSwap(k *kit, push *zmq.Socket, round int) (accepted int) {
	k.Helper()
	for ; accepted < 1000; accepted++ {
		err := push.SendString(k.ctx, fmt.Sprint(round, accepted), fillBody)
		if err == nil {
			continue
		}
		k.is(err, zmq.ErrSwap)
		if !errors.Is(err, syscall.ENOSPC) {
			k.Fatal(err)
		}
		break
	}
	if accepted < 70 || accepted == 1000 {
		k.Fatalf("round %d: %d messages of 10 kB on a disk of 1 MiB", round, accepted)
	}
	return accepted
}

// A peer that keeps up costs no file and no descriptor; one that falls behind has its
// files, and they go with it.
func TestSwapOfPeersIsLazy(t *testing.T) {
	k := alone(t, "tcp")
	dir := t.TempDir()
	pub, endpoint := k.bound(zmq.Pub, zmq.WithSendHWM(1), zmq.WithSwap(dir, 0))
	subs := make([]*zmq.Socket, 5)
	for i := range subs {
		subs[i] = k.open(zmq.Sub, zmq.WithRecvHWM(1))
		k.ok(subs[i].Subscribe(""))
		k.ok(subs[i].Connect(endpoint))
	}
	k.ok(pub.WaitSubscribers(k.ctx, "", len(subs)))
	logs := func() []string {
		list, err := filepath.Glob(filepath.Join(dir, "PUB-peer-*", "*", "*"))
		k.ok(err)
		return list
	}
	if list := logs(); len(list) > 0 {
		t.Errorf("nothing was sent, and there are %v", list)
	}
	// open are the descriptors of files there, but for the one lock of all peers.
	open := func() (n int) {
		links, _ := filepath.Glob("/proc/self/fd/*")
		for _, l := range links {
			if to, _ := os.Readlink(l); strings.HasPrefix(to, dir) && filepath.Base(to) != "lock" {
				n++
			}
		}
		return n
	}
	if n := open(); n > 0 {
		t.Errorf("nothing was sent, and %d descriptors are open", n)
	}
	body := strings.Repeat("z", 1<<20)
	for range 20 {
		k.ok(pub.SendString(k.ctx, body))
	}
	if len(logs()) == 0 {
		t.Error("20 MiB wait, and nothing is on disk")
	}
	k.until("one descriptor a peer is open", func() bool { return open() <= len(subs) })
	for _, s := range subs {
		k.ok(s.Close())
	}
	k.until("the files of peers that left are gone", func() bool { return len(logs()) == 0 })
	_ = pub.Close() // what waited for those that left may be said unsent
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

// What is kept on disk for durable subscribers has no name there: nothing is left when
// the process is killed.
func TestDurableLeavesNoFile(t *testing.T) {
	k := alone(t, "tcp")
	dir := t.TempDir()
	pub, endpoint := k.bound(zmq.Pub, zmq.WithSwap(dir, 0), zmq.WithDurableBounds(100, 0, 0))
	sub := k.open(zmq.Sub, zmq.WithDurable("name"))
	k.ok(sub.Subscribe(""))
	k.ok(sub.Connect(endpoint))
	k.ok(pub.WaitSubscribers(k.ctx, "", 1))
	k.ok(pub.SendString(k.ctx, "kept"))
	k.want(sub, "kept")
	k.until("a file is open there", func() bool {
		links, _ := filepath.Glob("/proc/self/fd/*")
		return slices.ContainsFunc(links, func(l string) bool {
			to, _ := os.Readlink(l)
			return strings.HasPrefix(to, dir) && strings.HasSuffix(to, ".swap (deleted)")
		})
	})
	k.ok(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "lock" {
			t.Errorf("%s has a name", path)
		}
		return err
	}))
}

// The books of a durable subscriber whose publisher's disk is full, and then is not, round
// after round: what was sent is what comes and what is missed, the last messages come, and
// nothing comes twice.
func TestDurableOnFullDisk(t *testing.T) {
	k := alone(t, "tcp")
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("no small disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	pub, endpoint := k.bound(zmq.Pub, zmq.WithSwap(dir, 0), zmq.WithDurableBounds(10_000, 0, 0))
	next, missed := 0, 0
	for round := range 4 {
		sub := k.open(zmq.Sub, zmq.WithDurable("name"))
		k.ok(sub.Subscribe(""))
		k.ok(sub.Connect(endpoint))
		k.ok(pub.WaitConnected(k.ctx, 1))
		k.ok(pub.WaitSubscribers(k.ctx, "", 1))
		if round > 0 {
			first := next
			for next < 300*round {
				m := k.recv(sub)
				if n, _ := strconv.Atoi(m[0]); n < next || len(m[1]) != len(fillBody) {
					t.Fatalf("round %d: %q came when %d was due", round, m[0], next)
				} else {
					missed, next = missed+n-next, n+1
				}
			}
			if st := sub.Stats(); int(st.Missed) > missed || next-first != 300 {
				t.Errorf("round %d: %d missed, it was told %d", round, missed, st.Missed)
			}
			k.until("all is taken", func() bool { return pub.Stats().Kept == 0 })
		}
		k.ok(sub.Close())
		k.until("it has left", func() bool { return pub.Stats().Connected == 0 })
		for i := range 300 { // three times the disk
			k.ok(pub.SendString(k.ctx, strconv.Itoa(300*round+i), fillBody))
		}
	}
	if d := pub.Stats().Drops; int(d.HWM) != missed || d.Total() != d.HWM {
		t.Errorf("%d missed, the publisher dropped %d in all, %d for that", missed, d.Total(), d.HWM)
	}
	t.Logf("%d of %d missed", missed, next)
}
