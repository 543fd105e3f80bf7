package alarm

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run starts a clock in a bubble, and returns it with what it rang, in milliseconds
// since the start; ring may be nil.
func run(t *testing.T, ring func(c *Clock, now time.Time)) (c *Clock, rang *[]int64) {
	c, rang = New(), new([]int64)
	start := time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.Run(ctx, func(now time.Time) {
			*rang = append(*rang, now.Sub(start).Milliseconds())
			if ring != nil {
				ring(c, now)
			}
		})
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return c, rang
}

func TestRingsAtTheEarliestTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, rang := run(t, nil)
		start := time.Now()
		c.Set(time.Time{})
		c.Set(start.Add(30 * time.Millisecond))
		c.Set(start.Add(10 * time.Millisecond))
		c.Set(start.Add(20 * time.Millisecond))
		time.Sleep(time.Hour)
		synctest.Wait()
		if want := []int64{10}; !slices.Equal(*rang, want) {
			t.Fatalf("rang at %v, want %v", *rang, want)
		}
		c.Set(start) // long ago: at once
		synctest.Wait()
		if len(*rang) != 2 {
			t.Errorf("rang at %v for a time that is over", *rang)
		}
	})
}

func TestRingSetsItAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, rang := run(t, func(c *Clock, now time.Time) { c.Set(now.Add(7 * time.Millisecond)) })
		c.Set(time.Now())
		time.Sleep(22 * time.Millisecond)
		synctest.Wait()
		if want := []int64{0, 7, 14, 21}; !slices.Equal(*rang, want) {
			t.Errorf("rang at %v, want %v", *rang, want)
		}
	})
}

// A state machine that always asks for the past is woken every millisecond, and does
// not turn in a circle.
func TestThePastIsNoCircle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, rang := run(t, func(c *Clock, now time.Time) { c.Set(now.Add(-time.Second)) })
		c.Set(time.Now())
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
		if n := len(*rang); n < 10 || n > 11 {
			t.Errorf("rang %d times in 10 ms", n)
		}
	})
}
