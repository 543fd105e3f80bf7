//go:build interop

package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// bench with libzmq on the other side, in C, as each of the four.
func TestInteropBench(t *testing.T) {
	program := filepath.Join(t.TempDir(), "perf")
	if out, err := exec.Command("gcc", "-Wall", "-O1", "-o", program, "testdata/perf.c", "-lzmq").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const count = "2000"
	for _, c := range []struct{ theirs, ours string }{
		{"local_lat", "bench lat -c"}, {"local_thr", "bench tput -c"},
		{"remote_lat", "bench serve lat -b"}, {"remote_thr", "bench serve tput -b"},
	} {
		t.Run(c.theirs, func(t *testing.T) {
			at := ztest.Vacant(t)
			peer := proc.Program(program)(t, c.theirs, "tcp://"+at, "64", count)
			ours := proc.Start(t, append(strings.Fields(c.ours), at, "-n", count, "--size", "64", "--json", "-q", "-t", "60s")...)
			out := ours.Wait()
			if theirs := peer.Wait(); !strings.HasPrefix(theirs, count+" in ") {
				t.Errorf("libzmq: %s", theirs)
			}
			if c.ours == "bench serve lat -b" {
				return // the other side has the times
			}
			var got struct {
				Count   int
				Rate    float64             `json:"per_second"`
				Latency struct{ Count int } `json:"latency_ns"`
			}
			if err := json.Unmarshal([]byte(out), &got); err != nil || got.Count != 2000 || got.Rate <= 0 {
				t.Errorf("%v: %s", err, out)
			}
			if c.theirs == "local_lat" && got.Latency.Count != 2000 {
				t.Errorf("%d round trips in the histogram", got.Latency.Count)
			}
		})
	}
}
