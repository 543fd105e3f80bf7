package zmq_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/go-zactor/zactor/internal/swap"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// stuckDisk lets a call for one file after the other wait, once it is armed, until it is
// released.
type stuckDisk struct {
	swap.Disk
	mu      sync.Mutex
	stuck   func(path, call string) bool // nil: not armed
	broken  error                        // what writes are refused with. May be nil
	waiting chan string                  // the calls that wait, as they come
	release chan struct{}
}

func newStuckDisk() *stuckDisk {
	return &stuckDisk{Disk: swap.OS, waiting: make(chan string, 100), release: make(chan struct{})}
}

func (d *stuckDisk) arm(stuck func(path, call string) bool) {
	d.mu.Lock()
	d.stuck = stuck
	d.mu.Unlock()
}

// breaks lets the disk refuse writes, until it is nil again.
func (d *stuckDisk) breaks(err error) {
	d.mu.Lock()
	d.broken = err
	d.mu.Unlock()
}

func (d *stuckDisk) refusal() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.broken
}

func (d *stuckDisk) come(path, call string) {
	d.mu.Lock()
	stuck := d.stuck != nil && d.stuck(path, call)
	d.mu.Unlock()
	if stuck {
		d.waiting <- call + " " + path
		<-d.release
	}
}

func (d *stuckDisk) Open(path string, flag int) (swap.File, error) {
	d.come(path, "open")
	f, err := d.Disk.Open(path, flag)
	if err != nil {
		return nil, err
	}
	return &stuckFile{f, d, path}, nil
}

type stuckFile struct {
	swap.File
	disk *stuckDisk
	path string
}

func (f *stuckFile) Write(b []byte) (int, error) {
	f.disk.come(f.path, "write")
	if err := f.disk.refusal(); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

func (f *stuckFile) Sync() error {
	f.disk.come(f.path, "sync")
	return f.File.Sync()
}

// While the disk of one peer does not answer, messages go to others, peers come and go,
// and the socket can be asked how it is.
func TestDiskOfOnePeerIsStuck(t *testing.T) {
	wired(t, func(k *kit) {
		disk := newStuckDisk()
		k.zctx.SetDisk(disk)
		dir := k.TempDir()
		push := k.open(zmq.Push, zmq.WithSwap(dir, 0), zmq.WithSwapSync(true))
		var pulls [3]*zmq.Socket
		var at [3]string
		for i := range pulls {
			at[i] = k.endpoint()
			pulls[i] = k.open(zmq.Pull)
			_, err := pulls[i].Bind(at[i])
			k.ok(err)
		}
		k.ok(push.Connect(at[0]))
		k.ok(push.WaitConnected(k.ctx, 1))
		var first string // the file of the first peer's log
		disk.arm(func(path, _ string) bool { first = path; return false })
		k.ok(push.SendString(k.ctx, "warm"))
		k.want(pulls[0], "warm")
		folder := first[:strings.LastIndexByte(first, '/')]
		k.ok(push.Connect(at[1]))
		k.ok(push.WaitConnected(k.ctx, 2))
		disk.arm(func(path, call string) bool { return call == "sync" && strings.HasPrefix(path, folder) })

		sent := make(chan error, 1)
		go func() { sent <- push.SendString(k.ctx, "waits") }()
		select {
		case <-disk.waiting:
		case err := <-sent:
			k.Fatalf("the first message did not wait for the disk: %v", err)
		}
		k.ok(push.SendString(k.ctx, "goes"))
		k.want(pulls[1], "goes")
		if st := push.Stats(); st.Sent != 2 || st.Connected != 2 {
			k.Errorf("meanwhile: sent %d, connected %d", st.Sent, st.Connected)
		}
		k.ok(push.Connect(at[2]))
		k.ok(push.WaitConnected(k.ctx, 3))
		k.ok(push.Disconnect(at[1]))
		k.until("a peer has gone", func() bool { return push.Stats().Connected == 2 })

		close(disk.release)
		k.ok(<-sent)
		k.want(pulls[0], "waits")
		if st := push.Stats(); st.Sent != 3 {
			k.Errorf("in the end: sent %d", st.Sent)
		}
	})
}

// The same where a publisher has a swap: who is behind, and whose disk does not answer,
// holds up nobody who sends to others.
func TestDiskOfOneSubscriberIsStuck(t *testing.T) {
	wired(t, func(k *kit) {
		disk := newStuckDisk()
		k.zctx.SetDisk(disk)
		pub := k.open(zmq.Pub, zmq.WithSendHWM(2), zmq.WithSwap(k.TempDir(), 0))
		at := k.endpoint()
		_, err := pub.Bind(at)
		k.ok(err)
		slow, quick := k.open(zmq.Sub, zmq.WithRecvHWM(1)), k.open(zmq.Sub)
		for s, topic := range map[*zmq.Socket]string{slow: "slow", quick: "quick"} {
			k.ok(s.Subscribe(topic))
			k.ok(s.Connect(at))
		}
		k.ok(pub.WaitSubscribers(k.ctx, "slow", 1))
		k.ok(pub.WaitSubscribers(k.ctx, "quick", 1))
		disk.arm(func(_, call string) bool { return call == "write" })
		sent := make(chan int, 1)
		go func() {
			n := 0
			for ; len(disk.waiting) == 0 && k.ctx.Err() == nil; n++ {
				if pub.SendString(k.ctx, "slow", strings.Repeat("x", 100_000), fmt.Sprint(n)) != nil {
					break
				}
			}
			sent <- n
		}()
		k.until("the disk is asked", func() bool { return len(disk.waiting) > 0 })
		for i := range 100 {
			k.ok(pub.SendString(k.ctx, "quick", fmt.Sprint(i)))
			k.want(quick, "quick", fmt.Sprint(i))
		}
		if st := pub.Stats(); st.Connected != 2 {
			k.Errorf("connected %d", st.Connected)
		}
		k.ok(k.open(zmq.Sub).Connect(at))
		k.ok(pub.WaitConnected(k.ctx, 3))
		close(disk.release)
		for i := range <-sent {
			k.want(slow, "slow", strings.Repeat("x", 100_000), fmt.Sprint(i))
		}
	})
}

// Durable subscribers whose disk does not answer hold up nobody, themselves neither: what
// they need is in memory until it is on disk. Messages go out, peers come and go, the
// socket can be asked how it is, and it can be closed.
func TestDiskOfDurableIsStuck(t *testing.T) {
	wired(t, func(k *kit) {
		disk := newStuckDisk()
		k.zctx.SetDisk(disk)
		pub := k.open(zmq.Pub, zmq.WithSwap(k.TempDir(), 0), zmq.WithDurableBounds(10_000, 0, 0), zmq.WithLinger(0))
		at := k.endpoint()
		_, err := pub.Bind(at)
		k.ok(err)
		sub := func(topic string, opts ...zmq.Option) *zmq.Socket {
			s := k.open(zmq.Sub, opts...)
			k.ok(s.Subscribe(topic))
			k.ok(s.Connect(at))
			k.ok(pub.WaitSubscribers(k.ctx, topic, 1))
			return s
		}
		there, away, plain := sub("d", zmq.WithDurable("there")), sub("away", zmq.WithDurable("away")), sub("plain")
		k.ok(pub.SendString(k.ctx, "away", "before"))
		k.want(away, "away", "before")
		k.until("it was taken", func() bool { return pub.Stats().Kept == 0 })
		k.ok(away.Close())
		k.until("one has left", func() bool { return pub.Stats().Connected == 2 })

		disk.arm(func(_, call string) bool { return true })
		for i := range 100 {
			for _, topic := range []string{"d", "away", "plain"} {
				k.ok(pub.SendString(k.ctx, topic, fmt.Sprint(i)))
			}
			k.want(there, "d", fmt.Sprint(i))
			k.want(plain, "plain", fmt.Sprint(i))
		}
		k.until("the disk is asked", func() bool { return len(disk.waiting) > 0 })
		if st := pub.Stats(); st.Connected != 2 || st.Kept < 100 || len(pub.Peers()) != 2 {
			k.Errorf("meanwhile: connected %d, kept %d, %d peers", st.Connected, st.Kept, len(pub.Peers()))
		}
		away = sub("away", zmq.WithDurable("away"))
		for i := range 100 {
			k.want(away, "away", fmt.Sprint(i))
		}
		k.ok(there.Close())
		k.until("another has left", func() bool { return pub.Stats().Connected == 2 })
		if n := pub.Stats().Drops.Total(); n != 0 {
			k.Errorf("%d messages were dropped", n)
		}
		k.ok(pub.Close())
		close(disk.release)
	})
}

// With WithXPubNoDrop Send waits while so much of a durable subscriber waits for its disk
// that something would be lost; without, it drops, and says so.
func TestDiskOfDurableIsFullOfWork(t *testing.T) {
	for _, noDrop := range []bool{true, false} {
		t.Run(fmt.Sprint("noDrop=", noDrop), func(t *testing.T) {
			k := alone(t, "tcp")
			disk := newStuckDisk()
			k.zctx.SetDisk(disk)
			pub, at := k.bound(zmq.Pub, zmq.WithSwap(k.TempDir(), 0), zmq.WithDurableBounds(10_000, 0, 0), zmq.WithXPubNoDrop(noDrop))
			sub := k.open(zmq.Sub, zmq.WithDurable("name"))
			k.ok(sub.Subscribe(""))
			k.ok(sub.Connect(at))
			k.ok(pub.WaitSubscribers(k.ctx, "", 1))
			k.ok(sub.Close())
			k.until("it has left", func() bool { return pub.Stats().Connected == 0 })
			disk.arm(func(_, call string) bool { return call == "write" })
			body := strings.Repeat("x", 1<<20)
			n := 0
			for ; n < 20; n++ {
				if err := pub.TrySend(msg.NewString(fmt.Sprint(n), body)); err != nil {
					k.is(err, zmq.ErrAgain)
					break
				}
			}
			if noDrop != (n < 20) || n < 10 {
				k.Fatalf("%d were accepted", n)
			}
			sent := make(chan error, 1)
			go func() { sent <- pub.SendString(k.ctx, "last") }()
			close(disk.release)
			k.ok(<-sent)
			sub = k.open(zmq.Sub, zmq.WithDurable("name"))
			k.ok(sub.Subscribe(""))
			k.ok(sub.Connect(at))
			got, last := 0, -1
			for m := k.recv(sub); m[0] != "last"; m = k.recv(sub) {
				var i int
				fmt.Sscan(m[0], &i)
				if i <= last {
					k.Fatalf("%d after %d", i, last)
				}
				got, last = got+1, i
			}
			missed := int(sub.Stats().Missed)
			if got+missed != n || (missed == 0) != noDrop || pub.Stats().Drops.HWM != uint64(missed) {
				k.Errorf("of %d: %d came, %d missed, %d dropped", n, got, missed, pub.Stats().Drops.HWM)
			}
		})
	}
}
