package look

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/dustin/go-humanize"

	"github.com/go-zactor/zactor/cmd/zactor/internal/chart"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/internal/registry"
)

// The styles; the colours are the terminal's own.
var (
	bold   = lipgloss.NewStyle().Bold(true)
	dim    = lipgloss.NewStyle().Faint(true)
	wrong  = lipgloss.NewStyle().Foreground(lipgloss.Color("1"))
	well   = lipgloss.NewStyle().Foreground(lipgloss.Color("2"))
	rate   = lipgloss.NewStyle().Foreground(lipgloss.Color("6"))
	chosen = lipgloss.NewStyle().Reverse(true)
)

// screen is what is drawn, and how.
type screen struct {
	table         *table
	name          string
	width, height int
	order         int
	cursor        int
	open          bool // the details of the one at the cursor
	paused        bool
	plain         bool // no colour, ASCII alone
	lost          string
}

// lines are the screen, from the top. None is wider than the screen.
func (d *screen) lines() (out []string) {
	rows := d.table.sorted(d.order)
	d.cursor = max(min(d.cursor, len(rows)-1), 0)
	out = append(out, d.head(len(rows)))
	if d.lost != "" {
		out = append(out, d.styled(wrong, "! "+d.lost))
	}
	if d.open && len(rows) > 0 {
		out = append(out, d.details(rows[d.cursor])...)
	} else {
		troubles := d.troubles()
		out = append(out, "", d.columns())
		room := max(d.height-len(out)-len(troubles)-1, 1)
		if d.height == 0 {
			room = len(rows)
		}
		from := max(min(d.cursor-room/2, len(rows)-room), 0)
		for i := from; i < min(from+room, len(rows)); i++ {
			out = append(out, d.row(rows[i], i == d.cursor && d.height > 0))
		}
		out = append(out, troubles...)
	}
	for i, l := range out {
		out[i] = strings.TrimRight(ansi.Truncate(l, d.width, "…"), " ")
	}
	return out
}

func (d *screen) styled(s lipgloss.Style, text string) string {
	if d.plain {
		return text
	}
	return s.Render(text)
}

// head sums up.
func (d *screen) head(n int) string {
	state := d.styled(well, "well")
	if p := len(d.table.problems); p > 0 {
		state = d.styled(wrong, fmt.Sprintf("%d wrong", p))
	}
	if d.paused {
		state += ", paused"
	}
	text := fmt.Sprintf("%s  %s  %d here by %s, %s  in %s/s out %s/s ", d.styled(bold, cli.Shown(d.name)),
		d.table.at.Format("15:04:05"), n, orders[d.order].name, state, per(d.table.in), per(d.table.out))
	if left := d.width - ansi.StringWidth(text); left > 8 {
		text += d.styled(rate, chart.Spark(d.table.past, min(left, history), d.plain))
	}
	return text
}

// nameWidth is how wide names are: all that is left over.
func (d *screen) nameWidth() int { return min(max(d.width-66-d.sparkWidth(), 12), 40) }

func (d *screen) sparkWidth() int { return min(max(d.width-80, 0), history) }

func (d *screen) columns() string {
	return d.styled(bold, fmt.Sprintf("%-13s %-*s %-10s %5s %8s %8s %7s %7s",
		"TYPE", d.nameWidth(), "NAME", "STATE", "PEERS", "IN/s", "OUT/s", "QUEUED", "DROPS"))
}

func (d *screen) row(r *row, at bool) string {
	text := fmt.Sprintf("%-13s %s %-10s %5d %8s %8s %7s %7s ", ansi.Truncate(cli.Shown(kind(r.s)), 13, "…"),
		fit(named(r.s), d.nameWidth()), r.s.State, r.peers, per(r.in), per(r.out), count(r.queued), count(int(r.drops)))
	spark := chart.Spark(r.past, d.sparkWidth(), d.plain)
	switch {
	case at:
		return d.styled(chosen, text+spark)
	case len(r.s.Unwell) > 0 || r.dropping:
		return d.styled(wrong, text) + d.styled(rate, spark)
	}
	return text + d.styled(rate, spark)
}

func named(s *registry.Snapshot) string {
	if s.Name == "" {
		return fmt.Sprintf("#%d", s.ID)
	}
	return cli.Shown(s.Name)
}

// fit makes a text so many columns wide.
func fit(text string, width int) string {
	text = ansi.Truncate(text, width, "…")
	return text + strings.Repeat(" ", width-ansi.StringWidth(text))
}

// per is a rate in at most eight columns.
func per(v float64) string {
	if v < 9999.5 {
		return fmt.Sprintf("%.0f", v)
	}
	s, unit := humanize.ComputeSI(v)
	return fmt.Sprintf("%.3g%s", s, unit)
}

func count(n int) string { return per(float64(n)) }

// mostTroubles is how many problems are shown below the table.
const mostTroubles = 4

// troubles are what is wrong, a line each with what to do.
func (d *screen) troubles() (out []string) {
	list := d.table.problems
	if len(list) == 0 {
		return nil
	}
	out = append(out, "")
	for _, p := range list[:min(len(list), mostTroubles)] {
		out = append(out, d.styled(wrong, "! "+p.String()))
		out = append(out, d.advice(p)...)
	}
	if more := len(list) - mostTroubles; more > 0 {
		out = append(out, d.styled(dim, fmt.Sprintf("  and %d more: zactor monitor %s", more, cli.Shown(d.name))))
	}
	return out
}

// advice is what to do about a problem, in two lines at most.
func (d *screen) advice(p problem) (out []string) {
	if p.Remedy == "" {
		return nil
	}
	lines := strings.Split(ansi.Wrap(p.Remedy, max(d.width-2, 20), ""), "\n")
	if len(lines) > 2 {
		lines[1] += " " + lines[2] // what is over is cut off
	}
	for _, l := range lines[:min(len(lines), 2)] {
		out = append(out, d.styled(dim, "  "+l))
	}
	return out
}

// details are all that there is to say of one.
func (d *screen) details(r *row) (out []string) {
	s := r.s
	out = append(out, "", d.styled(bold, title(s))+"  "+s.State+", up "+d.table.at.Sub(s.Born).Round(1e9).String())
	for _, f := range s.Facts {
		out = append(out, "  "+cli.Shown(f.Name)+" "+cli.Shown(f.Value))
	}
	var counted []string
	for _, n := range s.Numbers {
		if n.Value == 0 {
			continue
		}
		name := n.Name
		if n.Label != "" {
			name += "." + n.Label
		}
		counted = append(counted, name+" "+humanize.Comma(int64(n.Value)))
	}
	out = append(out, "  "+strings.Join(counted, ", "))
	for _, p := range problems(s, nil) {
		out = append(out, d.styled(wrong, "! "+p.String()))
		out = append(out, d.advice(p)...)
	}
	for i, l := range s.Links {
		if d.height > 0 && len(out) > d.height-3 {
			return append(out, d.styled(dim, fmt.Sprintf("  and %d more", len(s.Links)-i)))
		}
		out = append(out, "  "+link(l))
	}
	return out
}

func link(l registry.Link) string {
	text := l.Role + " " + cli.Shown(l.Endpoint)
	if l.Role == registry.Peer {
		text = "peer " + peerText(l)
	}
	text += ", " + l.State
	if l.SentMessages+l.ReceivedMessages > 0 {
		text += fmt.Sprintf(", sent %s (%s), received %s (%s)", humanize.Comma(int64(l.SentMessages)), humanize.IBytes(l.SentBytes),
			humanize.Comma(int64(l.ReceivedMessages)), humanize.IBytes(l.ReceivedBytes))
	}
	if l.Queued+l.Unread > 0 {
		text += fmt.Sprintf(", %d queued, %d unread", l.Queued, l.Unread)
	}
	if l.Error != "" {
		text += ": " + cli.Shown(l.Error)
	}
	return text
}
