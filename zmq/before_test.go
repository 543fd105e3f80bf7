package zmq_test

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// before is where folders of the version before are; its README says what each holds.
const before = "testdata/before"

// copyBefore copies one of them, with the modes that it was made with: git keeps none.
func copyBefore(k *kit, name, to string) {
	k.Helper()
	from := filepath.Join(before, name)
	k.ok(filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o600)
	}))
}

// What the version before has left for a connected endpoint is sent: all of it, in
// order, once, and before what is new. Then nothing of it comes again.
func TestFoldersBefore(t *testing.T) {
	for _, f := range []struct {
		name     string
		from, to int
	}{
		{"unsynced", 5, 40}, {"synced", 0, 40}, {"acknowledged", 40, 60}, {"segments", 110, 140},
	} {
		for _, sync := range []bool{false, true} {
			t.Run(f.name+" sync="+strconv.FormatBool(sync), func(t *testing.T) {
				runOver(t, []string{"tcp", "ipc", "ws"}, func(k *kit) { testFolderBefore(k, f.name, f.from, f.to, sync) })
			})
		}
	}
}

func testFolderBefore(k *kit, name string, from, to int, sync bool) {
	dir, endpoint := k.TempDir(), k.endpoint()
	copyBefore(k, name, filepath.Join(dir, "PUSH-"+url.PathEscape(endpoint)))
	for _, last := range []string{"new", "again"} {
		push := k.open(zmq.Push, zmq.WithSwap(dir, 0), zmq.WithSwapSync(sync))
		gaps := k.watch(push, zmq.EventGap)
		k.ok(push.Connect(endpoint))
		k.ok(push.SendString(k.ctx, last))
		pull := k.open(zmq.Pull)
		_, err := pull.Bind(endpoint)
		k.ok(err)
		for i := from; i < to; i++ {
			k.want(pull, strconv.Itoa(i), strings.Repeat("x", i), "")
		}
		k.want(pull, last)
		k.until("all is acknowledged", func() bool { return push.Stats().Queued == 0 })
		if n := len(gaps.c); n > 0 {
			k.Errorf("%d gaps: %v", n, gaps.next())
		}
		k.ok(push.Close())
		k.ok(pull.Close())
		from = to
	}
}

// What it has left of a peer that had connected to it is removed, unless that process
// still runs; what it has left of durable subscribers is named, and nothing else.
func TestTemporaryFoldersBefore(t *testing.T) {
	k := alone(t, "tcp")
	dir := t.TempDir()
	copyBefore(k, "accepted", dir)
	copyBefore(k, "durable", dir)
	kept, err := filepath.Glob(filepath.Join(dir, "PUB-durable-*"))
	k.ok(err)
	if len(kept) != 1 {
		t.Fatal(kept)
	}
	pub, endpoint := k.bound(zmq.Pub, zmq.WithSwap(dir, 0), zmq.WithDurableBounds(10, 0, 0))
	gaps := k.watch(pub, zmq.EventGap)
	for i, name := range []string{"one", "two"} {
		sub := k.open(zmq.Sub, zmq.WithDurable(name))
		k.ok(sub.Subscribe(""))
		k.ok(sub.Connect(endpoint))
		k.ok(pub.WaitSubscribers(k.ctx, "", i+1)) // those that are away count
		k.ok(pub.SendString(k.ctx, name))
		k.want(sub, name)
		k.ok(sub.Close())
		k.until("it is gone", func() bool { return pub.Stats().Connected == 0 })
	}
	e := gaps.next()
	k.is(e.Err, zmq.ErrSwap)
	k.mentions(e.Err, kept[0], "earlier version", "remove the file")
	if n := len(gaps.c); n > 0 {
		t.Errorf("%d more: %v", n, gaps.next())
	}
	if _, err := os.Stat(kept[0]); err != nil {
		t.Error(err) // a process of that version may have it
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "PUB-peer-*", "*.swap")); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}
