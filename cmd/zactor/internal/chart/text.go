package chart

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// eighths are the ends of a bar.
var eighths = []rune(" ▏▎▍▌▋▊▉")

// Text draws the histogram in lines of at most width columns; with plain in ASCII alone.
func (h *Hist) Text(w io.Writer, width int, plain bool) {
	bars := h.bars(14)
	var most uint64
	for _, b := range bars {
		most = max(most, b.n)
	}
	room := max(width-32, 8)
	for _, b := range bars {
		fmt.Fprintf(w, "  %8s  %s %d\n", Short(b.from), line(b.n, most, room, plain), b.n)
	}
}

// line is a bar as long as n is to most.
func line(n, most uint64, room int, plain bool) string {
	parts := int(float64(n) / float64(most) * float64(room*8))
	if n > 0 {
		parts = max(parts, 1)
	}
	if plain {
		return strings.Repeat("#", (parts+7)/8)
	}
	s := strings.Repeat("█", parts/8)
	if parts%8 > 0 {
		s += string(eighths[parts%8])
	}
	return s
}

// Line is the summary on one line.
func (s Summary) Line() string {
	return fmt.Sprintf("min %s  p50 %s  p90 %s  p99 %s  p99.9 %s  max %s",
		Short(s.Min), Short(s.P50), Short(s.P90), Short(s.P99), Short(s.P999), Short(s.Max))
}

// Short is a duration with three digits and its unit.
func Short(d time.Duration) string {
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{time.Second, "s"}, {time.Millisecond, "ms"}, {time.Microsecond, "µs"}} {
		if d >= u.of {
			return digits(float64(d)/float64(u.of)) + " " + u.name
		}
	}
	return fmt.Sprintf("%d ns", d)
}

// digits is a number of 1 and more with three digits.
func digits(v float64) string {
	switch {
	case v < 9.995:
		return fmt.Sprintf("%.2f", v)
	case v < 99.95:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// sparks are the heights of a sparkline, and their stand-ins in ASCII.
var (
	sparks      = []rune("▁▂▃▄▅▆▇█")
	sparksASCII = []rune("_.-~=+*#")
)

// Spark draws values as a line of so many columns, the newest at the right. The highest
// has the full height; nothing at all is a line at the bottom.
func Spark(values []float64, columns int, plain bool) string {
	marks := sparks
	if plain {
		marks = sparksASCII
	}
	if len(values) > columns {
		values = values[len(values)-columns:]
	}
	var most float64
	for _, v := range values {
		most = max(most, v)
	}
	out := []rune(strings.Repeat(" ", columns-len(values)))
	for _, v := range values {
		i := 0
		if most > 0 && v > 0 {
			i = min(int(v/most*float64(len(marks))), len(marks)-1)
		}
		out = append(out, marks[i])
	}
	return string(out)
}
