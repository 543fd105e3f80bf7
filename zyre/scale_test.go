package zyre

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// The time from the start of the second node to both knowing each other.
func TestMeetingTime(t *testing.T) {
	rounds := ztest.Size(5, 50)
	var took []time.Duration
	for range rounds {
		port := network(t)
		a := begun(t, port, "a")
		ea := listen(t, a)
		begin := time.Now()
		b := begun(t, port, "b")
		eb := listen(t, b)
		ea.expect(Enter)
		eb.expect(Enter)
		took = append(took, time.Since(begin))
		a.Close()
		b.Close()
	}
	slices.Sort(took)
	t.Logf("median %v, longest %v of %d", took[rounds/2], took[rounds-1], rounds)
	if ztest.Full() && took[rounds/2] > 50*time.Millisecond {
		t.Errorf("median %v: more than 50ms", took[rounds/2])
	}
}

// crowd starts n nodes at once and waits until each knows everybody.
func crowd(t *testing.T, port, n, all int) (nodes []*Node, took time.Duration) {
	begin := time.Now()
	for i := range n {
		nodes = append(nodes, begun(t, port, fmt.Sprint("n", i)))
	}
	for _, n := range nodes {
		for n.Stats().Peers != all-1 {
			if time.Since(begin) > 2*ztest.Patience {
				t.Fatalf("%s knows %+v after %v", n.Name(), n.Stats(), time.Since(begin))
			}
			time.Sleep(time.Millisecond)
		}
	}
	return nodes, time.Since(begin)
}

// stopAll stops nodes side by side.
func stopAll(nodes []*Node) {
	var all sync.WaitGroup
	for _, n := range nodes {
		all.Go(func() { n.Close() })
	}
	all.Wait()
}

func TestFullMesh(t *testing.T) {
	size := ztest.Size(8, 50)
	nodes, took := crowd(t, network(t), size, size)
	t.Logf("%d nodes know each other after %v", size, took)
	if ztest.Full() && took > 2*time.Second {
		t.Errorf("%v: more than 2s", took)
	}
	stopAll(nodes)
}

// memory is what the program has from the system's heap in use, and its goroutines.
func memory() (bytes uint64, goroutines int) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse, runtime.NumGoroutine()
}

const (
	helperEnv = "ZACTOR_ZYRE_CROWD" // "port nodes all" for a process of the large mesh
	processes = 5                   // that share it: one may not open so many files
)

// Two hundred nodes, which have 39,800 links, in five processes because of their
// 79,600 descriptors.
func TestLargeMesh(t *testing.T) {
	if helper := os.Getenv(helperEnv); helper != "" {
		largeMeshHelper(t, helper)
		return
	}
	if !ztest.Full() {
		t.Skip("full size only")
	}
	const all = 200
	port := network(t)
	outs := make([]strings.Builder, processes)
	var helpers sync.WaitGroup
	for i := range outs {
		cmd := exec.Command(os.Args[0], "-test.run=^TestLargeMesh$", "-test.v", "-test.timeout=100s")
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %d %d", helperEnv, port, all/processes, all))
		cmd.Stdout, cmd.Stderr = &outs[i], &outs[i]
		helpers.Go(func() {
			if err := cmd.Run(); err != nil {
				t.Errorf("process %d: %v", i, err)
			}
		})
	}
	helpers.Wait()
	for i := range outs {
		t.Logf("process %d:\n%s", i, outs[i].String())
	}
}

func largeMeshHelper(t *testing.T, args string) {
	var port, size, all int
	if _, err := fmt.Sscan(args, &port, &size, &all); err != nil {
		t.Fatal(err)
	}
	before, routines := memory()
	nodes, took := crowd(t, port, size, all)
	after, now := memory()
	pairs := size * (all - 1)
	t.Logf("%d of %d nodes know everybody after %v: %d bytes and %s goroutines a pair, seen from one side",
		size, all, took, (after-before)/uint64(pairs), strconv.FormatFloat(float64(now-routines)/float64(pairs), 'f', 2, 64))
	if took > 15*time.Second {
		t.Errorf("%v: more than 15s", took)
	}
	heard := nodes[0].Stats().Beacons
	const pause = 4 * time.Second // the others are not through yet
	time.Sleep(pause)
	t.Logf("%.0f beacons a second are heard by each", float64(nodes[0].Stats().Beacons-heard)/pause.Seconds())
	stopAll(nodes)
}
