package demo

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestOptions(t *testing.T) {
	for _, c := range []struct{ in, want Options }{
		{Options{Nodes: 5}, Options{Nodes: 5, Duration: 10 * time.Second}},
		{Options{Nodes: 5, Open: true}, Options{Nodes: 5, Duration: time.Minute, Open: true}},
		{Options{Nodes: 32, Open: true, Duration: 5 * time.Second}, Options{Nodes: 32, Duration: 5 * time.Second, Open: true}},
	} {
		if got, err := c.in.complete(); err != nil || got != c.want {
			t.Errorf("%+v: %+v, %v; want %+v", c.in, got, err, c.want)
		}
	}
	for want, o := range map[string]Options{
		"--nodes 1: want 2 to 32":           {Nodes: 1},
		"--nodes 33":                        {Nodes: 33},
		"--duration 10ms: want at least 1s": {Nodes: 5, Duration: 10 * time.Millisecond},
		"--duration -1s":                    {Nodes: 5, Duration: -time.Second},
	} {
		if _, err := o.complete(); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", o, err, want)
		}
	}
}
