package job

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// said runs fn and returns what it printed.
func said(t *testing.T, fn func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = w
	fn()
	os.Stdout = stdout
	w.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A worker gets what the lab put on its command line, or says what is wrong with it.
func TestWork(t *testing.T) {
	var got Job
	roles := map[string]Role{"note": func(j *Job) error { got = *j; return nil }}
	if err := Work(roles, []string{"note", "tcp://x:1", "64", "1000", "3"}); err != nil {
		t.Fatal(err)
	}
	if want := (Job{"tcp://x:1", 64, 1000, 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, bad := range []string{"", "note", "note e 1 2", "note e 1 2 3 4", "other e 1 2 3", "note e x 2 3", "note e 1 2 1.5"} {
		if err := Work(roles, strings.Fields(bad)); err == nil {
			t.Errorf("%q is taken for a job", bad)
		}
	}
}

// The first tenth warms up: it is received, and not counted.
func TestOneWay(t *testing.T) {
	j, calls := &Job{N: 100}, 0
	text := said(t, func() {
		if err := j.OneWay(func() error { calls++; return nil }); err != nil {
			t.Error(err)
		}
	})
	if calls != 111 || !strings.HasPrefix(text, "RESULT n=100 ns=") || !strings.HasSuffix(text, " all=111\n") {
		t.Errorf("%d calls, said %q", calls, text)
	}
}

// Whoever is called back counts the same, and may be called on afterwards.
func TestArrivals(t *testing.T) {
	j := &Job{N: 100}
	arrived, told := j.Arrivals()
	text := said(t, func() {
		for range j.Total() - 1 {
			arrived()
		}
		select {
		case <-told:
			t.Error("told before the last message")
		default:
		}
		arrived()
		<-told
		arrived()
	})
	if strings.Count(text, "RESULT n=100 ") != 1 {
		t.Errorf("said %q", text)
	}
}

// An error ends a run at once, and nothing is told.
func TestErrorsEndRuns(t *testing.T) {
	broken := errors.New("broken")
	for name, run := range map[string]func(*Job, func() error) error{"one way": (*Job).OneWay, "round trips": (*Job).RoundTrips} {
		for _, at := range []int{1, 50} {
			calls := 0
			text := said(t, func() {
				err := run(&Job{N: 100}, func() error {
					if calls++; calls == at {
						return broken
					}
					return nil
				})
				if err != broken {
					t.Errorf("%s: %v", name, err)
				}
			})
			if calls != at || text != "" {
				t.Errorf("%s: %d calls after an error at %d, said %q", name, calls, at, text)
			}
		}
	}
}

func TestPercentiles(t *testing.T) {
	took := make([]time.Duration, 1000)
	for i := range took {
		took[i] = time.Duration(i)
	}
	for i, want := range []Figure{{"p50", 500}, {"p90", 900}, {"p99", 990}, {"p999", 999}} {
		if got := percentiles(took)[i]; got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	for _, f := range percentiles(took[:1]) {
		if f.Value != 0 {
			t.Errorf("of one sample, %+v", f)
		}
	}
}
