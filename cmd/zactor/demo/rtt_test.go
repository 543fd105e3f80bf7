package demo

import (
	"testing"
	"time"
)

func TestQuantiles(t *testing.T) {
	var w window
	if q := w.quantiles(); q != (quantiles{}) {
		t.Errorf("of nothing: %+v", q)
	}
	w.add(1500 * time.Microsecond)
	if q := w.quantiles(); q != (quantiles{1.5, 1.5}) {
		t.Errorf("of one: %+v", q)
	}
	w = window{}
	for i := range 100 {
		w.add(time.Duration(100-i) * time.Millisecond)
	}
	if q := w.quantiles(); q != (quantiles{50, 99}) {
		t.Errorf("of 1 to 100: %+v", q)
	}
	for range len(w.times) { // the old ones are forgotten
		w.add(time.Microsecond)
	}
	if q := w.quantiles(); q != (quantiles{0.001, 0.001}) {
		t.Errorf("of the last: %+v", q)
	}
}
