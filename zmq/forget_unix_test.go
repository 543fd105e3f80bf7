//go:build unix

package zmq

import (
	"syscall"
	"testing"
	"time"
)

// To forget a topic costs as much processor time among twenty thousand as among two, to
// whoever publishes and to the program that hears of it.
func TestForgetTopicsCost(t *testing.T) {
	const few, many = 2_000, 20_000
	for _, kind := range manyTopicKinds {
		if kind.name == "pub" || kind.name == "manual" { // as radio and xpub
			continue
		}
		others := 1
		if kind.typ != XPub { // where there is nothing to tell, steps are all that costs
			others = removeAtOnce + 1
		}
		t.Run(kind.name, func(t *testing.T) {
			a, b := forgetCost(t, kind.typ, kind.opts, few, others), forgetCost(t, kind.typ, kind.opts, many, others)
			t.Logf("a topic costs %v among %d and %v among %d", a, few, b, many)
			if b > 5*a+time.Microsecond {
				t.Errorf("a topic costs %v among %d, and %v among %d", a, few, b, many)
			}
		})
	}
}

// forgetCost is the lesser of two.
func forgetCost(t *testing.T, typ Type, opts []Option, topics, others int) (each time.Duration) {
	for range 2 {
		c := newCrowded(t, typ, opts...)
		c.come("other", others)
		p := c.come("many", topics)
		before := processorTime(t)
		c.leave(p)
		c.heed(topics+1, func([]byte) {})
		if took := (processorTime(t) - before) / time.Duration(topics); each == 0 || took < each {
			each = took
		}
		_ = c.s.Close()
	}
	return each
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
