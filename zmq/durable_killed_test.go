//go:build unix

package zmq_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// durableChild is what TestDurableKilled runs, stops and kills.
const durableChild = "ZACTOR_DURABLE_CHILD"

// A durable subscriber is stopped and killed, again and again, while its publisher goes on.
// What the programs of its name have got, one after the other, is everything, in order: at
// a kill some may come again, which the one that was killed had not acknowledged, and the
// one may be missing that it had in hand.
func TestDurableKilled(t *testing.T) {
	if endpoint := os.Getenv(durableChild); endpoint != "" {
		receiveUntilKilled(t, endpoint)
		return
	}
	for _, onDisk := range []bool{false, true} {
		t.Run(fmt.Sprint("disk=", onDisk), func(t *testing.T) {
			runOver(t, []string{"tcp", "ipc"}, func(k *kit) { killDurable(k, onDisk) })
		})
	}
}

func killDurable(k *kit, onDisk bool) {
	opts := []zmq.Option{zmq.WithDurableBounds(1<<20, 0, 0), zmq.WithLinger(0)}
	if onDisk {
		opts = append(opts, zmq.WithSwap(k.TempDir(), 0))
	}
	pub, endpoint := k.bound(zmq.Pub, opts...)
	r := rand.New(rand.NewPCG(ztest.Seed(k.T), 5))
	sent, last := 0, -1
	send := func(n int) {
		for range n {
			k.ok(pub.SendString(k.ctx, strconv.Itoa(sent), strings.Repeat("d", sent%2000)))
			sent++
		}
	}
	for round := range ztest.Size(4, 100) {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestDurableKilled$")
		cmd.Env = append(os.Environ(), durableChild+"="+endpoint)
		out, err := cmd.StdoutPipe()
		k.ok(err)
		k.ok(cmd.Start())
		lines := bufio.NewScanner(out)
		first := true
		next := func() {
			for lines.Scan() {
				n, err := strconv.Atoi(lines.Text())
				if err != nil {
					continue
				}
				if n > last+1 && !(first && n == last+2) || !first && n != last+1 {
					k.Errorf("round %d: %d came behind %d", round, n, last)
				}
				first, last = false, n
				return
			}
			k.Errorf("round %d: the program has ended behind %d", round, last)
		}
		k.ok(pub.WaitSubscribers(k.ctx, "", 1))
		send(500)
		for range 1 + r.IntN(200) {
			next()
		}
		k.ok(cmd.Process.Signal(syscall.SIGSTOP))
		send(1000)
		k.ok(cmd.Process.Signal(syscall.SIGCONT))
		for last < sent-1-r.IntN(300) && !k.Failed() {
			next()
		}
		k.ok(cmd.Process.Kill())
		for lines.Scan() {
			if n, err := strconv.Atoi(lines.Text()); err == nil {
				last = max(last, n)
			}
		}
		k.ok(lines.Err())
		_ = cmd.Wait()
		k.until("it has left", func() bool { return pub.Stats().Connected == 0 })
	}
	if d := pub.Stats().Drops.Total(); d != 0 {
		k.Errorf("%d messages were dropped", d)
	}
}

// receiveUntilKilled says which messages have come.
func receiveUntilKilled(t *testing.T, endpoint string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	sub, err := zmq.NewSub(ctx, zmq.WithDurable("name"))
	if err == nil {
		err = sub.Subscribe("")
	}
	if err == nil {
		err = sub.Connect(endpoint)
	}
	for err == nil {
		m, failed := sub.Recv(ctx)
		if err = failed; err == nil {
			fmt.Println(string(m.Frames[0]))
		}
	}
	t.Fatal(err)
}
