package chart

import (
	"bytes"
	"encoding/xml"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestShort(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.5: "0.5", 20: "20", 1000: "1k", 999.9999: "1k", 2.5e4: "25k", 1e6: "1M", 5e8: "500M", 1e9: "1G"} {
		if got := short(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}

// Few decades have their doubles and fivefolds named, many only themselves; no tick
// is out of the range.
func TestDecades(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      []string
	}{
		{10, 100, []string{"10", "20", "50", "100"}},
		{3, 30, []string{"5", "10", "20"}},
		{1, 1e6, []string{"1", "10", "100", "1k", "10k", "100k", "1M"}},
	} {
		var got []string
		for _, tick := range (decades{}).Ticks(c.low, c.high) {
			if tick.Value < c.low*0.99 || tick.Value > c.high*1.01 {
				t.Errorf("a tick at %v, from %v to %v", tick.Value, c.low, c.high)
			}
			if tick.Label != "" {
				got = append(got, tick.Label)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v to %v: %q, want %q", c.low, c.high, got, c.want)
		}
	}
}

// What is drawn is well-formed, names everything, and has a ground of its own.
func TestDraw(t *testing.T) {
	blue := color.RGBA{0, 0, 0xFF, 0xFF}
	dir := t.TempDir()
	lines := Lines{Title: "how <fast>", X: "size", Y: "messages/s", Places: []Place{{0, "1 B"}, {6, "64 B"}},
		Series: []Series{{"ours", blue, []Point{{0, 5e6, 4e6, 6e6}, {6, 1e3, 1e3, 1e3}}}, {"theirs", blue, []Point{{6, 10, 9, 11}}}}}
	bars := Bars{Title: "how big", Y: "bytes", Names: []string{"ours", "theirs"}, Values: []float64{3000, 25000}, Colors: []color.Color{blue, blue}}
	for name, c := range map[string]struct {
		draw func(string) error
		says []string
	}{
		"lines.svg": {lines.Draw, []string{"size", "messages/s", "1 B", "64 B", "ours", "theirs", "1M", "fill:#FFFFFF", "sans-serif"}},
		"bars.svg":  {bars.Draw, []string{"how big", "bytes", "ours", "theirs", "fill:#FFFFFF", "#0000FF"}},
	} {
		path := filepath.Join(dir, name)
		if err := c.draw(path); err != nil {
			t.Fatal(err)
		}
		svg, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(svg, new(struct{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, s := range c.says {
			if !bytes.Contains(svg, []byte(s)) {
				t.Errorf("%s does not have %q", name, s)
			}
		}
	}
	if err := lines.Draw(filepath.Join(dir, "no", "folder.svg")); err == nil {
		t.Error("drawn where there is no folder")
	}
}

// Zero can't be drawn on a logarithmic axis: it is left out, and if there is nothing
// else, that is an error, not a panic. One small number is enough.
func TestNothingOnALogarithmicAxis(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.svg")
	nothing := Series{"nothing", color.Black, []Point{{0, 0, 0, 0}}}
	small := Series{"small", color.Black, []Point{{0, 0.4, 0.4, 0.4}, {1, 0.4, -1, 3}}}
	places := []Place{{0, "1 B"}, {1, "2 B"}}
	if err := (Lines{Places: places, Series: []Series{nothing}}).Draw(path); err == nil {
		t.Error("a rate of nothing was drawn")
	}
	if err := (Lines{Places: places, Series: []Series{nothing, small}}).Draw(path); err != nil {
		t.Error(err)
	}
	svg, err := os.ReadFile(path)
	if err != nil || bytes.Contains(svg, []byte("nothing")) || !bytes.Contains(svg, []byte("small")) {
		t.Errorf("%v: %s", err, svg)
	}
}
