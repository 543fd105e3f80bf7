package main

import (
	"strconv"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// A subscriber is killed and comes back, again and again: the numbers have no hole. One
// that was in its hands when it died may come twice.
func TestAway(t *testing.T) {
	endpoint := proc.TCP(t, 1)[0]
	pub := proc.Start(t, "publish", endpoint)
	last := -1
	for range 4 {
		sub := proc.Start(t, "subscribe", "ann", endpoint)
		for i := range 20 {
			n, err := strconv.Atoi(sub.Expect(`^number (\d+)`)[1])
			switch {
			case err != nil:
				t.Fatal(err)
			case last >= 0 && n > last+1, i > 0 && n != last+1:
				t.Fatalf("%d came after %d", n, last)
			}
			last = n
		}
		sub.Kill()
	}
	pub.Interrupt()
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	const at = "tcp://10.0.0.1:5555"
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond}, func(s *play.Stage) {
		s.Start(run, "publish", at)
		last := -1
		for range 3 {
			sub := s.Start(run, "subscribe", "ann", at)
			for i := range 20 {
				n, _ := strconv.Atoi(sub.Expect(`^number (\d+)`)[1])
				if last >= 0 && n > last+1 || i > 0 && n != last+1 {
					t.Fatalf("%d came after %d", n, last)
				}
				last = n
			}
			sub.Interrupt()
			time.Sleep(time.Second)
		}
	})
}
