package zloop_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/zloop"
)

const ms = time.Millisecond

// ticks returns a handler that notes when it is called, in milliseconds.
func ticks(list *[]int) func() error {
	start := time.Now()
	return func() error {
		*list = append(*list, int(time.Since(start)/ms))
		return nil
	}
}

func TestTimersFireAtTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		var after, every, times, zero, none []int
		l.After(25*ms, ticks(&after))
		l.Every(10*ms, ticks(&every))
		l.Times(20*ms, 3, ticks(&times))
		l.After(0, ticks(&zero))
		l.Times(ms, 0, ticks(&none)).Reset(ms)
		runFor(t, l, 100*ms)
		for _, c := range []struct {
			name      string
			got, want []int
		}{
			{"After(25ms)", after, []int{25}},
			{"Every(10ms)", every, []int{10, 20, 30, 40, 50, 60, 70, 80, 90, 100}},
			{"Times(20ms, 3)", times, []int{20, 40, 60}},
			{"After(0)", zero, []int{0}},
			{"Times(1ms, 0)", none, nil},
		} {
			if !slices.Equal(c.got, c.want) {
				t.Errorf("%s fired at %v, want %v", c.name, c.got, c.want)
			}
		}
	})
}

// TestTimerStoppedInTheSamePassDoesNotFire: zloop_timer_end only marks a zombie,
// and a victim that is due in the same pass fires once more.
func TestTimerStoppedInTheSamePassDoesNotFire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		fired := 0
		var victim *zloop.Timer
		var ticket *zloop.Ticket
		l.After(10*ms, func() error {
			if !victim.Stop() || !ticket.Stop() {
				t.Error("Stop of a due timer or ticket says it was not going to fire")
			}
			if victim.Stop() || ticket.Stop() {
				t.Error("a second Stop says it was going to fire")
			}
			return nil
		})
		victim = l.Every(10*ms, count(&fired))
		ticket = l.Ticket(10*ms, count(&fired))
		runFor(t, l, 50*ms)
		if fired != 0 {
			t.Errorf("stopped timers fired %d times", fired)
		}
	})
}

// TestTimerStoppedBeforeRunDoesNotFire: in czmq one with delay 0 does.
func TestTimerStoppedBeforeRunDoesNotFire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		fired := 0
		l.After(0, count(&fired)).Stop()
		l.Ticket(0, count(&fired)).Stop()
		runFor(t, l, 10*ms)
		if fired != 0 {
			t.Errorf("stopped timers fired %d times", fired)
		}
	})
}

func TestTimerStopsAndResetsItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		var self, again []int
		var tm, re *zloop.Timer
		note := ticks(&self)
		tm = l.Every(10*ms, func() error {
			if len(self) == 1 {
				tm.Stop()
			}
			return note()
		})
		noteAgain := ticks(&again)
		re = l.After(5*ms, func() error {
			if len(again) < 3 {
				re.Reset(7 * ms)
			}
			return noteAgain()
		})
		runFor(t, l, 100*ms)
		if want := []int{10, 20}; !slices.Equal(self, want) {
			t.Errorf("timer that stops itself fired at %v, want %v", self, want)
		}
		if want := []int{5, 12, 19, 26}; !slices.Equal(again, want) {
			t.Errorf("timer that resets itself fired at %v, want %v", again, want)
		}
	})
}

// TestResetOfADueTimerDelaysIt: who is due in this pass and is reset by another
// handler of the pass fires at its new time only.
func TestResetOfADueTimerDelaysIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		var timers, tickets []int
		var tm *zloop.Timer
		var tk *zloop.Ticket
		l.After(10*ms, func() error { tm.Reset(30 * ms); tk.Reset(); return nil })
		tm = l.After(10*ms, ticks(&timers))
		tk = l.Ticket(10*ms, ticks(&tickets))
		runFor(t, l, 100*ms)
		if want := []int{40}; !slices.Equal(timers, want) {
			t.Errorf("timer fired at %v, want %v", timers, want)
		}
		if want := []int{20}; !slices.Equal(tickets, want) {
			t.Errorf("ticket fired at %v, want %v", tickets, want)
		}
	})
}

// TestStallIsNoBurst: after a stall of 55 ms czmq fires a 10 ms timer five times
// at once. Ours skips what it missed and keeps its rhythm, unless asked not to.
func TestStallIsNoBurst(t *testing.T) {
	catchUp := []zloop.TimerOption{zloop.WithCatchUp(true)}
	for _, c := range []struct {
		name  string
		stall time.Duration
		opts  []zloop.TimerOption
		want  []int
	}{
		{"skip", 55 * ms, nil, []int{10, 65, 70, 80}},
		{"catch up", 55 * ms, catchUp, []int{10, 65, 65, 65, 65, 65, 70, 80}},
		{"skip one", 20 * ms, nil, []int{10, 30, 40, 50, 60, 70, 80}},
		{"skip to a tick", 60 * ms, nil, []int{10, 70, 80}},
		{"catch up to a tick", 60 * ms, catchUp, []int{10, 70, 70, 70, 70, 70, 70, 80}},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := newLoop()
			var got []int
			note := ticks(&got)
			l.Every(10*ms, func() error {
				_ = note()
				if len(got) == 1 {
					time.Sleep(c.stall) // a handler that stalls the loop
				}
				return nil
			}, c.opts...)
			runFor(t, l, 85*ms)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: ticks at %v, want %v", c.name, got, c.want)
			}
		})
	}
}

// TestTicketResetInItsOwnHandlerIsKept: czmq frees the ticket afterwards.
func TestTicketResetInItsOwnHandlerIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		var got []int
		note := ticks(&got)
		var tk *zloop.Ticket
		tk = l.Ticket(10*ms, func() error {
			if len(got) < 2 {
				tk.Reset()
			}
			return note()
		})
		runFor(t, l, 100*ms)
		if want := []int{10, 20, 30}; !slices.Equal(got, want) {
			t.Errorf("ticket fired at %v, want %v", got, want)
		}
		tk.Reset() // the handle does not dangle
		got = nil
		runFor(t, l, 50*ms)
		if want := []int{110, 120, 130}; !slices.Equal(got, want) {
			t.Errorf("ticket that was reset after it had fired: at %v, want %v", got, want)
		}
	})
}

// TestShortTicketBehindALongOne: in czmq a 10 ms ticket that was made after a
// 1000 ms one waits for it.
func TestShortTicketBehindALongOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		var long, short []int
		l.Ticket(1000*ms, ticks(&long))
		l.Ticket(10*ms, ticks(&short))
		runFor(t, l, 2000*ms)
		if !slices.Equal(short, []int{10}) || !slices.Equal(long, []int{1000}) {
			t.Errorf("tickets fired at %v and %v, want [10] and [1000]", short, long)
		}
	})
}

func TestTicketsFireInTheOrderOfTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		var got []string
		add := func(name string, d time.Duration) *zloop.Ticket {
			return l.Ticket(d, func() error { got = append(got, name); return nil })
		}
		add("f", 42*ms)
		add("c", 30*ms)
		add("a", 10*ms)
		b := add("b", 10*ms)
		add("e", 41*ms)
		add("d", 30*ms)
		add("g", 43*ms)
		l.After(5*ms, func() error { b.Reset(); return nil })
		l.After(6*ms, func() error { time.Sleep(50 * ms); return nil }) // all are due in one pass
		runFor(t, l, 100*ms)
		if want := []string{"a", "b", "c", "d", "e", "f", "g"}; !slices.Equal(got, want) {
			t.Errorf("order %v, want %v", got, want)
		}
	})
}

func TestTimersDueTogetherFireInTheOrderTheyWereMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		var got []int
		for i := range 100 {
			l.After(10*ms, func() error { got = append(got, i); return nil })
		}
		runFor(t, l, 20*ms)
		if len(got) != 100 || !slices.IsSorted(got) {
			t.Errorf("order %v", got)
		}
	})
}

// TestTimersModel makes, stops and resets timers and tickets at random, from
// handlers, beside a model that only knows when each is to fire next.
func TestTimersModel(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 2))
			l := newLoop()
			type entry struct {
				next  time.Time // zero when it is stopped
				stop  func() bool
				reset func()
			}
			var all []*entry
			var act func() error
			fires := 0
			add := func() {
				e, d := &entry{}, time.Duration(rnd.IntN(40))*ms
				fn := func() error {
					if !e.next.Equal(time.Now()) {
						t.Errorf("seed %d: fired at %v, want %v", seed, time.Now(), e.next)
					}
					e.next = time.Time{}
					fires++
					return act()
				}
				if rnd.IntN(2) == 0 {
					tm := l.After(d, fn)
					e.stop, e.reset = tm.Stop, func() { tm.Reset(d) }
				} else {
					tk := l.Ticket(d, fn)
					e.stop, e.reset = tk.Stop, tk.Reset
				}
				reset := e.reset
				e.reset = func() { e.next = time.Now().Add(d); reset() }
				e.next = time.Now().Add(d)
				all = append(all, e)
			}
			act = func() error {
				for range rnd.IntN(4) {
					e := all[rnd.IntN(len(all))]
					if rnd.IntN(2) == 0 {
						if e.stop() == e.next.IsZero() {
							t.Errorf("seed %d: Stop does not know whether it was going to fire", seed)
						}
						e.next = time.Time{}
					} else {
						e.reset()
					}
				}
				return nil
			}
			for range 50 {
				add()
			}
			l.Every(7*ms, act)
			runFor(t, l, 3*time.Second)
			if fires < 100 {
				t.Errorf("seed %d: only %d fired", seed, fires)
			}
			now := time.Now()
			late := slices.MinFunc(all, func(a, b *entry) int {
				return cmp.Or(boolOrder(a.next.IsZero(), b.next.IsZero()), a.next.Compare(b.next))
			})
			if !late.next.IsZero() && late.next.Before(now.Add(-time.Nanosecond)) {
				t.Errorf("seed %d: one was due at %v and has not fired by %v", seed, late.next, now)
			}
		})
	}
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func TestTimersOfAnotherGoroutineShortenTheSleep(t *testing.T) {
	for name, add := range map[string]func(*zloop.Loop, func() error){
		"timer":  func(l *zloop.Loop, fn func() error) { l.After(10*ms, fn) },
		"ticket": func(l *zloop.Loop, fn func() error) { l.Ticket(10*ms, fn) },
	} {
		synctest.Test(t, func(t *testing.T) {
			l := newLoop()
			var got []int
			l.After(time.Hour, stop)
			note := ticks(&got)
			go func() {
				time.Sleep(10 * ms) // the loop sleeps by now
				add(l, note)
			}()
			runFor(t, l, 100*ms)
			if !slices.Equal(got, []int{20}) {
				t.Errorf("%s fired at %v, want [20]", name, got)
			}
		})
	}
}

func TestWhatWasDueIsDueAgainInTheNextRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		timers, tickets := 0, 0
		l.After(10*ms, stop)
		for range 3 {
			l.After(10*ms, count(&timers))
			l.Ticket(10*ms, count(&tickets))
		}
		if err := l.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		if timers+tickets != 0 {
			t.Fatalf("%d timers, %d tickets fired after ErrStop", timers, tickets)
		}
		runFor(t, l, 10*ms)
		if timers != 3 || tickets != 3 {
			t.Errorf("second Run: %d timers, %d tickets, want 3 and 3", timers, tickets)
		}
	})
}
