package main

import (
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-zactor/zactor/bench/internal/chart"
)

// plotted says what a plot shows of a family: one figure of all its workloads over
// their x, or where percentiles are set, those of one workload.
type plotted struct {
	file, title string
	family      string
	works       string // the beginning of the workloads' names, if not all
	figure      int    // among the workload's
	x, y        string
}

var linePlots = []plotted{
	{"tcp-messages", "PUSH to PULL, tcp", "tcp throughput", "", 0, "message size", "messages/s"},
	{"tcp-megabytes", "PUSH to PULL, tcp", "tcp throughput", "", 1, "message size", "MB/s"},
	{"ipc-messages", "PUSH to PULL, ipc", "ipc throughput", "", 0, "message size", "messages/s"},
	{"ipc-megabytes", "PUSH to PULL, ipc", "ipc throughput", "", 1, "message size", "MB/s"},
	{"inproc-messages", "PUSH to PULL, inproc", "inproc throughput", "", 0, "message size", "messages/s"},
	{"curve-messages", "PUSH to PULL, tcp, CURVE", "CURVE tcp throughput", "", 0, "message size", "messages/s"},
	{"curve-megabytes", "PUSH to PULL, tcp, CURVE", "CURVE tcp throughput", "", 1, "message size", "MB/s"},
	{"fanout-64", "PUB to many SUB, tcp, 64 B", "PUB fan-out", "64 B", 0, "subscribers", "deliveries/s"},
	{"fanout-1k", "PUB to many SUB, tcp, 1 KiB", "PUB fan-out", "1 KiB", 0, "subscribers", "deliveries/s"},
	{"fanin", "many PUSH to PULL, tcp, 64 B", "PULL fan-in", "", 0, "senders", "messages/s"},
}

var latencyPlots = []plotted{
	{"latency-tcp-one-core", "REQ to REP and back, tcp, 1 B, one core", "tcp round trip", "1 B, one core", 0, "percentile", "us"},
	{"latency-tcp-free", "REQ to REP and back, tcp, 1 B, two cores", "tcp round trip", "1 B, free", 0, "percentile", "us"},
	{"latency-inproc", "REQ to REP and back, inproc, 1 B, one core", "inproc round trip", "1 B, one core", 0, "percentile", "us"},
}

var barPlots = []plotted{
	{"memory-peer", "Memory of an idle peer of a ROUTER", "ROUTER, idle peers", "", 0, "", "bytes"},
	{"memory-actor", "Memory of an idle actor", "actors, idle", "", 0, "", "bytes"},
}

func (p plotted) path(dir string) string { return filepath.Join(dir, p.file+".svg") }

// drawPlots draws whatever there are samples for into the folder plots.
func drawPlots(dir string, blocks []block) error {
	dir = filepath.Join(dir, "plots")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, kind := range []struct {
		plots []plotted
		draw  func(plotted, []block, string) error
	}{{linePlots, drawLines}, {latencyPlots, drawPercentiles}, {barPlots, drawBars}} {
		for _, p := range kind.plots {
			mine := p.of(blocks)
			if len(mine) == 0 {
				continue
			}
			if err := kind.draw(p, mine, p.path(dir)); err != nil {
				return err
			}
		}
	}
	return nil
}

// of are the blocks that a plot shows.
func (p plotted) of(blocks []block) []block {
	return slices.DeleteFunc(slices.Clone(blocks), func(b block) bool {
		return b.work.family != p.family || !strings.HasPrefix(b.work.name, p.works) || b.reference() == nil
	})
}

// drawLines draws one line for each contender, over the workloads.
func drawLines(p plotted, blocks []block, path string) error {
	lines := chart.Lines{Title: p.title, X: p.x, Y: p.y}
	for _, b := range blocks {
		lines.Places = append(lines.Places, chart.Place{X: math.Log2(b.work.x), Name: b.work.place()})
	}
	for _, name := range contenders(blocks) {
		s := chart.Series{Name: name, Color: colorOf(name)}
		for _, b := range blocks {
			if r := b.result(name); r != nil && len(r.samples) > 0 {
				y := spreadOf(b.values(b.work.figures[p.figure], *r))
				s.Points = append(s.Points, chart.Point{X: math.Log2(b.work.x), Mid: y.mid, Low: y.low, High: y.high})
			}
		}
		lines.Series = append(lines.Series, s)
	}
	return lines.Draw(path)
}

// contenders are the names of all that were measured.
func contenders(blocks []block) (names []string) {
	for _, b := range blocks {
		for _, r := range b.results {
			if len(r.samples) > 0 && !slices.Contains(names, r.contender) {
				names = append(names, r.contender)
			}
		}
	}
	return names
}

// percentiles are the places of a latency plot, and the numbers of samples there.
var percentiles = []struct{ name, number string }{{"50 %", "p50"}, {"90 %", "p90"}, {"99 %", "p99"}, {"99.9 %", "p999"}}

// drawPercentiles draws one line for each contender of one workload.
func drawPercentiles(p plotted, blocks []block, path string) error {
	lines := chart.Lines{Title: p.title, X: p.x, Y: p.y}
	for i, at := range percentiles {
		lines.Places = append(lines.Places, chart.Place{X: float64(i), Name: at.name})
	}
	for _, r := range blocks[0].results {
		if len(r.samples) == 0 {
			continue
		}
		s := chart.Series{Name: r.contender, Color: colorOf(r.contender)}
		for i, at := range percentiles {
			y := spreadOf(blocks[0].values(figure{of: named(at.number)}, r))
			s.Points = append(s.Points, chart.Point{X: float64(i), Mid: y.mid / 1e3, Low: y.low / 1e3, High: y.high / 1e3})
		}
		lines.Series = append(lines.Series, s)
	}
	return lines.Draw(path)
}

// drawBars draws one bar for each contender of one workload.
func drawBars(p plotted, blocks []block, path string) error {
	bars := chart.Bars{Title: p.title, Y: p.y}
	for _, r := range blocks[0].results {
		if len(r.samples) == 0 {
			continue
		}
		bars.Names = append(bars.Names, r.contender)
		bars.Values = append(bars.Values, spreadOf(blocks[0].values(blocks[0].work.figures[p.figure], r)).mid)
		bars.Colors = append(bars.Colors, colorOf(r.contender))
	}
	return bars.Draw(path)
}

// colorOf is the same in every plot: ours blue, libzmq red, nats green, floors grey.
func colorOf(contender string) color.Color {
	shades := []struct {
		prefix string
		color  color.RGBA
	}{
		{"zactor plain", color.RGBA{0x6B, 0xAE, 0xE8, 0xFF}},
		{"zactor batch", color.RGBA{0x7A, 0x4F, 0xC4, 0xFF}},
		{"zactor", color.RGBA{0x0B, 0x4F, 0xA8, 0xFF}},
		{"libzmq by cgo", color.RGBA{0xF0, 0x8A, 0x24, 0xFF}},
		{"libzmq", color.RGBA{0xC8, 0x2A, 0x2A, 0xFF}},
		{"nats", color.RGBA{0x2E, 0x8B, 0x57, 0xFF}},
		{"raw Go, reader", color.RGBA{0xA8, 0xA8, 0xA8, 0xFF}},
		{"Go channel, plain", color.RGBA{0xB0, 0xB0, 0xB0, 0xFF}},
		{"Go channel, pooled", color.RGBA{0x8C, 0x8C, 0x8C, 0xFF}},
	}
	for _, s := range shades {
		if strings.HasPrefix(contender, s.prefix) {
			return s.color
		}
	}
	return color.RGBA{0x55, 0x55, 0x55, 0xFF}
}
