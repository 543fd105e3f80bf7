package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmq"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// Three upgrades while a client sends: each number arrives once, at one of the processes.
func TestUpgrades(t *testing.T) {
	endpoint, path := proc.TCP(t, 1)[0], filepath.Join(t.TempDir(), "h.sock")
	push, err := zmq.NewPush(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer push.Close()
	if err := push.Connect(endpoint); err != nil {
		t.Fatal(err)
	}
	sending, stop := context.WithCancel(t.Context())
	sent := make(chan int)
	go func() {
		n := 0
		for sending.Err() == nil && push.SendString(t.Context(), fmt.Sprintf("number %d.", n)) == nil {
			n++
		}
		sent <- n
	}()
	all := []*proc.Process{proc.Start(t, endpoint, path)}
	all[0].Expect(`number`)
	for n := range 3 {
		all = append(all, proc.Start(t, endpoint, path))
		all[n].Wait() // it ends by itself
		all[n+1].Expect(`number`)
	}
	stop()
	total := <-sent
	last := all[3]
	last.Expect(fmt.Sprintf(`number %d\.`, total-1))
	last.Interrupt()
	seen := make([]int, total)
	for _, p := range all {
		for _, m := range regexp.MustCompile(`number (\d+)\.`).FindAllStringSubmatch(p.Output(), -1) {
			var n int
			fmt.Sscan(m[1], &n)
			seen[n]++
		}
	}
	if i := slices.IndexFunc(seen, func(n int) bool { return n != 1 }); i >= 0 {
		t.Errorf("number %d of %d arrived %d times", i, total, seen[i])
	}
}
