// Package chart draws the plots of the benchmark: lines over a few named places,
// and bars. They have a white ground, and so can be read on a light page and on a
// dark one.
package chart

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"os"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Point is a median and its extremes at a place on the x axis.
type Point struct{ X, Mid, Low, High float64 }

// Series is what one peer reached.
type Series struct {
	Name   string
	Color  color.Color
	Points []Point
}

// Place is a name on the x axis.
type Place struct {
	X    float64
	Name string
}

// Lines are series over places, with a logarithmic y axis.
type Lines struct {
	Title, X, Y string
	Places      []Place
	Series      []Series
}

// The size of every plot, and the part of it that the legend has.
const (
	width   = 18 * vg.Centimeter
	height  = 9 * vg.Centimeter
	legends = 4.6 * vg.Centimeter
)

// Draw writes the plot as SVG.
func (l Lines) Draw(path string) error {
	p := newPlot()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = l.Title, l.X, l.Y
	p.X.Tick.Marker = places(l.Places)
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, decades{}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = faint, faint
	p.Add(grid)
	drawable := l.drawable()
	if len(drawable) == 0 {
		return fmt.Errorf("%s: there is nothing above zero to draw", l.Title)
	}
	legend := newLegend()
	legend.Top, legend.Left, legend.Padding = true, true, vg.Points(3)
	for _, s := range drawable {
		if err := s.addTo(p, &legend); err != nil {
			return fmt.Errorf("%s: %s: %w", l.Title, s.Name, err)
		}
	}
	p.Y.Min, p.Y.Max = p.Y.Min*0.8, p.Y.Max*1.25
	return save(path, p, &legend)
}

// drawable are the series without the points that no logarithmic axis has, and
// without those of no other points.
func (l Lines) drawable() (list []Series) {
	for _, s := range l.Series {
		s.Points = slices.DeleteFunc(slices.Clone(s.Points), func(p Point) bool { return p.Low <= 0 || p.Mid <= 0 })
		if len(s.Points) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// sans is the font of everything.
const sans = "Sans"

func newPlot() *plot.Plot {
	p := plot.New()
	for _, style := range []*text.Style{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label} {
		style.Font.Variant = sans
	}
	return p
}

func newLegend() plot.Legend {
	l := plot.NewLegend()
	l.TextStyle.Font.Variant = sans
	l.TextStyle.Font.Size = vg.Points(10)
	return l
}

var faint = color.Gray{0xE4}

func (s Series) addTo(p *plot.Plot, legend *plot.Legend) error {
	line, dots, err := plotter.NewLinePoints(s)
	if err != nil {
		return err
	}
	line.Color, dots.Color = s.Color, s.Color
	line.Width, dots.Radius, dots.Shape = vg.Points(1.5), vg.Points(2.2), draw.CircleGlyph{}
	bars, err := plotter.NewYErrorBars(s)
	if err != nil {
		return err
	}
	bars.Color, bars.CapWidth = s.Color, vg.Points(4)
	p.Add(line, dots, bars)
	legend.Add(s.Name, line, dots)
	return nil
}

// Len, XY and YError are what plotter needs of a series.
func (s Series) Len() int                    { return len(s.Points) }
func (s Series) XY(i int) (x, y float64)     { return s.Points[i].X, s.Points[i].Mid }
func (s Series) YError(i int) (a, b float64) { p := s.Points[i]; return p.Mid - p.Low, p.High - p.Mid }

// save draws the plot, and the legend to the right of it if there is one.
func save(path string, p *plot.Plot, legend *plot.Legend) error {
	canvas := vgsvg.New(width, height)
	all := draw.New(canvas)
	all.SetColor(color.White)
	all.Fill(all.Rectangle.Path())
	right := vg.Points(6)
	if legend != nil {
		right = legends
		legend.Draw(draw.Crop(all, width-legends+vg.Points(10), 0, 0, -vg.Points(26)))
	}
	p.Draw(draw.Crop(all, vg.Points(6), -right, vg.Points(6), -vg.Points(6)))
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return err
	}
	return os.WriteFile(path, withFallback(out.Bytes()), 0o644)
}

// withFallback names fonts for those who don't have the one that was measured with.
func withFallback(svg []byte) []byte {
	return bytes.ReplaceAll(svg, []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
}

// places are the ticks of an x axis.
type places []Place

func (p places) Ticks(float64, float64) (ticks []plot.Tick) {
	for _, place := range p {
		ticks = append(ticks, plot.Tick{Value: place.X, Label: place.Name})
	}
	return ticks
}

// decades are the ticks of a logarithmic axis: powers of ten by name, or where they
// are few, their doubles and fivefolds too.
type decades struct{}

func (decades) Ticks(low, high float64) (ticks []plot.Tick) {
	few := math.Log10(high/low) < 2.5
	for unit := math.Pow(10, math.Floor(math.Log10(low))); unit <= high; unit *= 10 {
		for m := 1.0; m < 10; m++ {
			tick := plot.Tick{Value: unit * m}
			if tick.Value < low*0.999 || tick.Value > high*1.001 {
				continue
			}
			if m == 1 || few && (m == 2 || m == 5) {
				tick.Label = short(tick.Value)
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// shortTicks are the usual ones, in few digits.
type shortTicks struct{ plot.DefaultTicks }

func (t shortTicks) Ticks(low, high float64) []plot.Tick {
	ticks := t.DefaultTicks.Ticks(low, high)
	for i := range ticks {
		if !ticks[i].IsMinor() {
			ticks[i].Label = short(ticks[i].Value)
		}
	}
	return ticks
}

// short writes a round number.
func short(v float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if v >= unit.size*0.999 {
			return fmt.Sprintf("%.3g%s", v/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%.3g", v)
}

// Bars are one number for each of some names.
type Bars struct {
	Title, Y string
	Names    []string
	Values   []float64
	Colors   []color.Color
}

// Draw writes the plot as SVG.
func (b Bars) Draw(path string) error {
	p := newPlot()
	p.Title.Text, p.Y.Label.Text = b.Title, b.Y
	p.Y.Min, p.Y.Max = 0, slices.Max(b.Values)*1.1
	p.Y.Tick.Marker = shortTicks{}
	p.NominalX(b.Names...)
	for i, v := range b.Values {
		bar, err := plotter.NewBarChart(plotter.Values{v}, vg.Points(36))
		if err != nil {
			return fmt.Errorf("%s: %w", b.Title, err)
		}
		bar.XMin, bar.Color, bar.LineStyle.Width = float64(i), b.Colors[i], 0
		p.Add(bar)
	}
	return save(path, p, nil)
}
