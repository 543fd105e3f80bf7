package prom

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/clone"
	"github.com/go-zactor/zactor/pattern/lastvalue"
	"github.com/go-zactor/zactor/pattern/lazypirate"
	"github.com/go-zactor/zactor/pattern/majordomo"
)

// Patterns have metrics: each number of theirs has one, a request is counted by the
// client, the broker and the worker, and stays when they have ended.
func TestPatterns(t *testing.T) {
	ctx := ztest.Within(t)
	service := fmt.Sprint("echo ", rand.Uint64())
	broker, err := majordomo.NewBroker(majordomo.WithBind("tcp://127.0.0.1:*"))
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error)
	run := func(f func(context.Context) error) { go func() { ended <- f(running) }() }
	run(broker.Run)
	at, err := broker.Endpoints(ctx)
	if err != nil {
		t.Fatal(err)
	}
	worker, err := majordomo.NewWorker(at[0], service, func(_ context.Context, r *majordomo.Request) (msg.Msg, error) { return r.Body, nil })
	if err != nil {
		t.Fatal(err)
	}
	run(worker.Run)
	client, err := majordomo.NewClient(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	caller, err := lazypirate.New(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	cache, err := lastvalue.New(lastvalue.WithBind("tcp://127.0.0.1:*"))
	if err != nil {
		t.Fatal(err)
	}
	run(cache.Run)
	copied, err := clone.NewClient(ctx, []string{"tcp://127.0.0.1:5"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Call(ctx, service, msg.NewString("x")); err != nil {
		t.Fatal(err)
	}
	r := registered(WithMaxNames(math.MaxInt))
	series := func(m, name, typ string) string { return "zactor_pattern_" + m + " pattern=" + name + " type=" + typ }
	want := map[string]float64{
		series("answers_total", service, "majordomo worker"):              1,
		series("requests_total", "tcp://127.0.0.1:*", "majordomo broker"): 1,
		series("calls_total", at[0], "majordomo client"):                  1,
		series("workers", "tcp://127.0.0.1:*", "majordomo broker"):        1,
		series("calls_total", at[0], "lazypirate client"):                 0,
		series("topics", "tcp://127.0.0.1:*", "lastvalue cache"):          0,
		series("keys", "tcp://127.0.0.1:5", "clone client"):               0,
	}
	// The broker's name is that of other tests in this process, too; the answer comes before
	// the worker has counted it.
	base := lines(t, r)[series("requests_total", "tcp://127.0.0.1:*", "majordomo broker")] - 1
	want[series("requests_total", "tcp://127.0.0.1:*", "majordomo broker")] += base
	missing := ""
	ztest.Eventually(t, "all are counted", func() bool {
		got := lines(t, r)
		missing = ""
		for key, v := range want {
			if is, there := got[key]; !there || is != v {
				missing = fmt.Sprintf("%s is %v, want %v", key, is, v)
			}
		}
		return missing == ""
	}, &missing)
	registry.View(func(s *registry.Snapshot) bool {
		for _, n := range s.Numbers {
			if m := byNumber[source{s.Kind, n.Name}]; s.Kind == "pattern" && (m == nil || m.total != n.Total) {
				t.Errorf("%s: %s has no metric of its kind", s.Type, n.Name)
			}
		}
		return true
	})
	stop()
	for range 3 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	client.Close()
	caller.Close()
	copied.Close()
	after := lines(t, r)
	for key, v := range want {
		if _, there := after[key]; strings.Contains(key, "_total") && v > 0 && after[key] < v {
			t.Errorf("at the end %s is %v, want %v", key, after[key], v)
		} else if !strings.Contains(key, "_total") && there {
			t.Errorf("at the end %s is there still", key)
		}
	}
}
