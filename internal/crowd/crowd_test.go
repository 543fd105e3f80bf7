package main

import (
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/ztest"
)

// The test binary is the program, too, for the sides that are processes of their own.
func TestMain(m *testing.M) {
	if os.Getenv("ZACTOR_TEST_PROGRAM") != "" {
		main()
		os.Exit(0)
	}
	if os.Getenv(partMark) != "" {
		os.Exit(m.Run()) // it ends with its input, in the midst of what it does
	}
	// A probe of memberlist's that is under way ends by its own time limit, half a second.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/hashicorp/memberlist.(*Memberlist).probeNode"))
}

// A crowd of clients of one address loses nothing, whatever stands beside it: what
// Shutdown did not report is there. The reduced size has few places, so that newcomers
// wait and strangers have to make room as in the full one.
func TestCrowd(t *testing.T) {
	for _, mechanism := range []string{"null", "plain", "curve"} {
		t.Run(mechanism, func(t *testing.T) {
			j := &job{
				Mechanism: mechanism, N: ztest.Size(60, 5000), Endpoint: "tcp://127.0.0.1:*",
				Places: ztest.Size(16, 0), Verify: time.Duration(ztest.Size(20, 500)) * time.Millisecond, Patience: 2 * time.Minute,
			}
			raiseLimit()
			r, err := j.two(0, false)
			check(t, j, "two processes", r, err)
			r, err = j.one()
			check(t, j, "one process", r, err)
			j.Stay = true
			r, err = j.two(j.N, false)
			check(t, j, "with strangers", r, err)
			if r.Evicted == 0 {
				t.Error("nobody had to make room: the test shows nothing")
			}
		})
	}
}

func check(t *testing.T, j *job, name string, r result, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	t.Logf("%s: %+v", name, r)
	if r.Received != r.Sent || r.Doubled > 0 || r.Sent+r.Unsent != j.N {
		t.Errorf("%s: of %d messages %d were taken for sent, %d not, and %d arrived, %d of them again", name, j.N, r.Sent, r.Unsent, r.Received, r.Doubled)
	}
}
