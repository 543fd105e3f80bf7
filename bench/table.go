package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// writeTables writes one Markdown table for each family of workloads.
func writeTables(out io.Writer, blocks []block) {
	for _, family := range families(blocks) {
		fmt.Fprintf(out, "\n### %s\n\n", family[0].work.family)
		writeFamily(out, family)
	}
}

// families groups blocks that follow one another.
func families(blocks []block) (list [][]block) {
	for len(blocks) > 0 {
		n := 1
		for n < len(blocks) && blocks[n].work.family == blocks[0].work.family {
			n++
		}
		list = append(list, blocks[:n])
		blocks = blocks[n:]
	}
	return list
}

func writeFamily(out io.Writer, blocks []block) {
	figures := blocks[0].work.figures
	head := []string{"", ""}
	for _, f := range figures {
		head = append(head, f.name)
	}
	judged := judgedFigures(blocks[0].work)
	for _, f := range judged {
		if len(judged) == 1 {
			head = append(head, "ratio")
		} else {
			head = append(head, "ratio: "+f.name)
		}
	}
	rows := [][]string{head}
	for _, b := range blocks {
		for _, r := range b.results {
			rows = append(rows, cells(b, r, len(head)))
		}
	}
	writeAligned(out, rows)
}

func judgedFigures(w workload) []figure {
	return slices.DeleteFunc(slices.Clone(w.figures), func(f figure) bool { return f.goal == neither })
}

// cells is the row of one contender.
func cells(b block, r result, columns int) []string {
	row := []string{b.work.name, r.contender}
	switch {
	case r.missing != "":
		row = append(row, r.missing)
	case len(r.samples) == 0 && r.err != nil:
		row = append(row, "fails")
	case len(r.samples) == 0:
		row = append(row, "not run")
	default:
		row = append(row, valueCells(b, r)...)
	}
	for len(row) < columns {
		row = append(row, "")
	}
	return row
}

func valueCells(b block, r result) (row []string) {
	for _, f := range b.work.figures {
		s := spreadOf(b.values(f, r))
		if f.goal == neither {
			row = append(row, f.show(s.mid)+f.unit)
		} else {
			row = append(row, fmt.Sprintf("%s%s (%s-%s)", f.show(s.mid), f.unit, f.show(s.low), f.show(s.high)))
		}
	}
	for _, f := range judgedFigures(b.work) {
		row = append(row, ratioCell(b.ratios(f, &r, b.reference())))
	}
	return row
}

func ratioCell(ratios []float64) string {
	if len(ratios) == 0 {
		return "-"
	}
	s := spreadOf(ratios)
	return fmt.Sprintf("**%s** (%s-%s)", times(s.mid), times(s.low), times(s.high))
}

// times writes a ratio.
func times(v float64) string {
	if v >= 10 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// summaryColumns are the peers that stand in the one table of ratios.
var summaryColumns = []struct {
	title string
	is    func(w workload, contender string) bool
}{
	{"zactor", func(_ workload, c string) bool { return c == "zactor" || c == "zactor reuse" }},
	{"zactor plain", func(_ workload, c string) bool { return c == "zactor plain" }},
	{"libzmq in C", func(_ workload, c string) bool { return c == "libzmq" }},
	{"libzmq by cgo", func(_ workload, c string) bool { return c == "libzmq by cgo" }},
	{"nats", func(_ workload, c string) bool { return c == "nats" }},
	{"the floor", func(w workload, c string) bool { return c == w.floor }},
}

// writeSummary writes one table of all workloads: how many times as good each peer
// is as the reference.
func writeSummary(out io.Writer, blocks []block) {
	rows := [][]string{{"", "", ""}}
	for _, c := range summaryColumns {
		rows[0] = append(rows[0], c.title)
	}
	for _, b := range blocks {
		for _, f := range judgedFigures(b.work) {
			row := []string{b.work.family, b.work.name, f.name}
			for _, c := range summaryColumns {
				row = append(row, summaryCell(b, f, c.is))
			}
			rows = append(rows, row)
		}
	}
	writeAligned(out, rows)
}

func summaryCell(b block, f figure, is func(workload, string) bool) string {
	for i := range b.results {
		r := &b.results[i]
		if !is(b.work, r.contender) {
			continue
		}
		if r.missing != "" {
			return r.missing
		}
		if ratios := b.ratios(f, r, b.reference()); len(ratios) > 0 {
			return times(spreadOf(ratios).mid)
		}
	}
	return ""
}

// writeAligned writes a Markdown table that can also be read as it is.
func writeAligned(out io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	for n, row := range rows {
		for i, c := range row {
			fmt.Fprintf(out, "| %-*s ", widths[i], c)
		}
		fmt.Fprintln(out, "|")
		if n == 0 {
			for _, w := range widths {
				fmt.Fprintf(out, "|%s", strings.Repeat("-", w+2))
			}
			fmt.Fprintln(out, "|")
		}
	}
}

// writeFailures lists what went wrong, if anything did.
func writeFailures(out io.Writer, blocks []block) {
	for _, b := range blocks {
		for _, r := range b.results {
			if r.err != nil {
				fmt.Fprintf(out, "\n%s: after %d rounds: %v\n", b.work.path(), len(r.samples), r.err)
			}
		}
	}
}
