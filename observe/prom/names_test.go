package prom

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/zmq"
)

// lines is what a registry gives: the value of each series, by its name and labels.
func lines(t *testing.T, r prometheus.Gatherer) map[string]float64 {
	t.Helper()
	all, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]float64{}
	for _, f := range all {
		for _, m := range f.Metric {
			value := m.GetGauge().GetValue()
			if f.GetType() == dto.MetricType_COUNTER {
				value = m.GetCounter().GetValue()
			}
			key := f.GetName()
			for _, l := range m.Label {
				key += " " + l.GetName() + "=" + l.GetValue()
			}
			list[key] = value
		}
	}
	return list
}

// sumOf is the sum over the series whose key has all words.
func sumOf(list map[string]float64, words ...string) (sum float64) {
series:
	for key, v := range list {
		for _, w := range words {
			if !strings.Contains(key, w) {
				continue series
			}
		}
		sum += v
	}
	return sum
}

func registered(opts ...Option) *prometheus.Registry {
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(Collector(opts...))
	return r
}

// one opens a socket and counts n messages on it, which nobody takes.
func one(t *testing.T, zctx *zmq.Context, name string, n int) *zmq.Socket {
	t.Helper()
	s, err := zmq.New(zctx, zmq.Pub, zmq.WithName(name))
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		if err := s.SendString(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// Names over the bound share their series; the gauge says how many they are; none is
// missing in the totals, whether it lives or has left.
func TestNamesAreFolded(t *testing.T) {
	zctx := zmq.NewContext(t.Context())
	defer zctx.Close()
	r := registered(WithMaxNames(0))
	all := registered(WithMaxNames(math.MaxInt))
	const total = "zactor_socket_messages_total dir=out socket="
	before, beforeAll := lines(t, r), lines(t, all)
	var sockets []*zmq.Socket
	for i := range 5 {
		sockets = append(sockets, one(t, zctx, fmt.Sprintf("folded %d of %d", i, rand.Uint64()), i+1))
	}
	sockets = append(sockets, one(t, zctx, "", 100))
	check := func(when string, folded float64) {
		t.Helper()
		now := lines(t, r)
		if got := now[total+"(others) type=PUB"] - before[total+"(others) type=PUB"]; got != 15 {
			t.Errorf("%s (others) have sent %v, want 15", when, got)
		}
		if got := now[total+" type=PUB"] - before[total+" type=PUB"]; got != 100 {
			t.Errorf("%s those without a name have sent %v, want 100", when, got)
		}
		if got := now["zactor_folded_names kind=socket"]; got != folded {
			t.Errorf("%s %v names are folded, want %v", when, got, folded)
		}
		now = lines(t, all)
		if got := now["zactor_folded_names kind=socket"]; got != 0 {
			t.Errorf("%s %v names are folded without a bound", when, got)
		}
		if got := sumOf(now, "messages_total dir=out socket=folded") - sumOf(beforeAll, "messages_total dir=out socket=folded"); got != 15 {
			t.Errorf("%s %v is counted under the names, want 15", when, got)
		}
	}
	check("alive,", 5)
	for _, s := range sockets {
		s.Close()
	}
	check("closed,", 0)
}

// Which names have their own series is settled once: the first ones.
func TestFirstNamesStay(t *testing.T) {
	zctx := zmq.NewContext(t.Context())
	defer zctx.Close()
	run := rand.Uint64()
	name := func(i int) string { return fmt.Sprintf("first %d of %d", i, run) }
	open := func(i int) *zmq.Socket { return one(t, zctx, name(i), 1) }
	a := open(0)
	r := registered(WithMaxNames(rank(name(0))))
	b := open(1)
	for i, when := range []string{"both live", "the first has left", "the first is back", "the second lives alone"} {
		switch i {
		case 1:
			a.Close()
		case 2:
			a = open(0)
		case 3:
			a.Close()
			b.Close()
			b = open(1)
		}
		now := lines(t, r)
		if got := sumOf(now, "messages_total dir=out", name(0)); got != []float64{1, 1, 2, 2}[i] {
			t.Errorf("%s: %v under the first name", when, got)
		}
		if sumOf(now, name(1)) != 0 {
			t.Errorf("%s: the second has series of its own", when)
		}
	}
}

// rank is the place of a name among those that this process has seen.
func rank(name string) (n int) {
	registry.View(func(s *registry.Snapshot) bool {
		if s.Name == name {
			n = s.Rank
		}
		return true
	})
	return n
}

// While sockets of ever new names come, count and go, no counter goes back and none is
// missing, with any bound.
func TestCountersNeverGoBack(t *testing.T) {
	zctx := zmq.NewContext(t.Context())
	defer zctx.Close()
	run := rand.Uint64()
	bounds := []int{0, 3, DefaultMaxNames, math.MaxInt}
	var churn, wg sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	for w := range 4 {
		churn.Go(func() {
			for i := range 60 {
				s := one(t, zctx, fmt.Sprintf("churn %d of %d", (w*60+i)%97, run), 3)
				s.Close()
			}
		})
	}
	wg.Go(func() { churn.Wait(); cancel() })
	for _, n := range bounds {
		r := registered(WithMaxNames(n))
		wg.Go(func() {
			before := lines(t, r)
			for last := false; !last; {
				last = ctx.Err() != nil
				now := lines(t, r)
				for key, v := range before {
					if strings.Contains(key, "_total") && now[key] < v {
						t.Errorf("with %d names %s went from %v to %v", n, key, v, now[key])
					}
				}
				if was, is := sumOf(before, "_messages_total"), sumOf(now, "_messages_total"); is < was {
					t.Errorf("with %d names the total went from %v to %v", n, was, is)
				}
				before = now
			}
		})
	}
	wg.Wait()
}

// A scrape finds what a second one finds at the same time.
func TestCollectTogether(t *testing.T) {
	zctx := zmq.NewContext(t.Context())
	defer zctx.Close()
	one(t, zctx, "together", 7)
	r := registered()
	want := lines(t, r)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := lines(t, r); !maps.Equal(got, want) {
				t.Errorf("%v\nwant\n%v", got, want)
			}
		})
	}
	wg.Wait()
}

func TestMaxNamesRefused(t *testing.T) {
	r := prometheus.NewRegistry()
	err := r.Register(Collector(WithMaxNames(-1)))
	if err == nil || !strings.Contains(err.Error(), "WithMaxNames("+strconv.Itoa(-1)+"): want 0 or more; math.MaxInt is no bound") {
		t.Errorf("-1: %v", err)
	}
	if err := r.Register(Collector(WithMaxNames(0))); err != nil {
		t.Error(err)
	}
}
