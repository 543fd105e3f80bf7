package chart

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The measures of a picture, in pixels.
const (
	svgWidth  = 760
	svgHeight = 360
	svgLeft   = 60
	svgBottom = 60
	svgTop    = 64
	svgRight  = 20
)

// SVG draws the histogram as a picture with a title and the summary below it. It follows
// the reader's preference for light or dark.
func (h *Hist) SVG(w io.Writer, title string) error {
	bars := h.bars(60)
	var most uint64 = 1
	for _, b := range bars {
		most = max(most, b.n)
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" font-family="system-ui,sans-serif" font-size="12">
<style>.b{fill:#fff}.t{fill:#1b1f24}.q{fill:#57606a}.h{fill:#2f6feb}.g{stroke:#d0d7de}.m{stroke:#d1242f;stroke-dasharray:4 3}
@media(prefers-color-scheme:dark){.b{fill:#0d1117}.t{fill:#e6edf3}.q{fill:#9198a1}.h{fill:#4c8dff}.g{stroke:#30363d}.m{stroke:#ff7b72}}</style>
<title>%s</title><rect class="b" width="100%%" height="100%%"/>
<text class="t" x="%d" y="26" font-size="16" font-weight="600">%s</text><text class="q" x="%d" y="46">%s, %d in all</text>
`, svgWidth, svgHeight, svgWidth, svgHeight, escape(title), svgLeft, escape(title), svgLeft, escape(h.Summary().Line()), h.n)
	h.svgBars(&s, bars, most)
	s.WriteString("</svg>\n")
	_, err := io.WriteString(w, s.String())
	return err
}

func (h *Hist) svgBars(s *strings.Builder, bars []bar, most uint64) {
	base, high := svgHeight-svgBottom, svgHeight-svgBottom-svgTop
	wide := float64(svgWidth-svgLeft-svgRight) / float64(max(len(bars), 1))
	for _, part := range []float64{0, .5, 1} {
		y := float64(base) - part*float64(high)
		fmt.Fprintf(s, `<line class="g" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/><text class="q" x="%d" y="%.1f" text-anchor="end">%.0f</text>`+"\n",
			svgLeft, svgWidth-svgRight, y, y, svgLeft-6, y+4, part*float64(most))
	}
	every := max(len(bars)/7, 1)
	for i, b := range bars {
		x := svgLeft + float64(i)*wide
		tall := float64(b.n) / float64(most) * float64(high)
		if b.n > 0 {
			tall = max(tall, 1)
		}
		fmt.Fprintf(s, `<rect class="h" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s to %s: %d</title></rect>`+"\n",
			x+.5, float64(base)-tall, max(wide-1, .5), tall, Short(b.from), Short(b.to), b.n)
		if i%every == 0 {
			fmt.Fprintf(s, `<text class="q" x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x+wide/2, base+18, Short(b.from))
		}
	}
	lines := []struct {
		name string
		q    float64
	}{{"p50", .5}, {"p99", .99}, {"p99.9", .999}}
	for _, l := range lines {
		for i, b := range bars {
			if at := h.Quantile(l.q); at >= b.from && at < b.to {
				x := svgLeft + (float64(i)+.5)*wide
				fmt.Fprintf(s, `<line class="m" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/><text class="t" x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n",
					x, x, svgTop, base, x, base+38, l.name)
			}
		}
	}
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}
