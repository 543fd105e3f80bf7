package main

import (
	"strconv"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
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
