package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// block is all the results of one workload.
type block struct {
	work    workload
	results []result
}

// writeTables writes one Markdown table for each family of workloads.
func writeTables(out io.Writer, blocks []block) {
	for len(blocks) > 0 {
		n := 1
		for n < len(blocks) && blocks[n].work.family == blocks[0].work.family {
			n++
		}
		writeFamily(out, blocks[:n])
		blocks = blocks[n:]
	}
}

func writeFamily(out io.Writer, blocks []block) {
	head := []string{"", "", "messages/s", "MB/s", "CPU a message", "ratio"}
	if blocks[0].work.latency {
		head = []string{"", "", "p50", "p99", "CPU a round trip", "ratio of p50", "ratio of p99"}
	}
	rows := [][]string{head}
	for _, b := range blocks {
		for _, r := range b.results {
			rows = append(rows, cells(b.work, r, len(head)))
		}
	}
	fmt.Fprintf(out, "\n### %s\n\n", blocks[0].work.family)
	writeAligned(out, rows)
}

// cells is the row of one contender.
func cells(w workload, r result, columns int) []string {
	row := []string{w.name, r.contender}
	switch {
	case r.missing != "":
		row = append(row, r.missing)
	case len(r.samples) == 0 && r.err != nil:
		row = append(row, "fails")
	case len(r.samples) == 0:
		row = append(row, "not run")
	case w.latency:
		row = append(row, latencyCells(r)...)
	default:
		row = append(row, rateCells(w, r)...)
	}
	for len(row) < columns {
		row = append(row, "")
	}
	return row
}

func rateCells(w workload, r result) []string {
	rate := spreadBy(r.samples, sample.rate)
	return []string{
		fmt.Sprintf("%s (%s-%s)", count(rate.mid), count(rate.low), count(rate.high)),
		fmt.Sprintf("%.0f", rate.mid*float64(w.size)/1e6),
		meanCPU(r),
		ratio(r.ratios),
	}
}

func latencyCells(r result) []string {
	p50 := spreadBy(r.samples, func(s sample) float64 { return s.p50.Seconds() })
	p99 := spreadBy(r.samples, func(s sample) float64 { return s.p99.Seconds() })
	return []string{
		fmt.Sprintf("%s us (%s-%s)", micro(p50.mid), micro(p50.low), micro(p50.high)),
		fmt.Sprintf("%s us (%s-%s)", micro(p99.mid), micro(p99.low), micro(p99.high)),
		meanCPU(r), ratio(r.ratios), ratio(r.tails),
	}
}

func meanCPU(r result) string {
	cpu := spreadBy(r.samples, func(s sample) float64 { return s.cpuPerMessage().Seconds() })
	return micro(cpu.mid) + " us"
}

func ratio(figures []float64) string {
	if len(figures) == 0 {
		return "-"
	}
	s := spreadOf(figures)
	return fmt.Sprintf("**%.2f** (%.2f-%.2f)", s.mid, s.low, s.high)
}

// count writes a number with three digits that matter.
func count(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.2fM", v/1e6)
	case v >= 1e5:
		return fmt.Sprintf("%.0fk", v/1e3)
	case v >= 1e3:
		return fmt.Sprintf("%.1fk", v/1e3)
	}
	return fmt.Sprintf("%.0f", v)
}

// micro writes a number of seconds in microseconds.
func micro(seconds float64) string {
	v := seconds * 1e6
	if v < 10 {
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

// writeAligned writes a Markdown table that can also be read as it is.
func writeAligned(out io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], len(c))
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

// header says where, when and with what all this was measured.
func header(l *lab, rounds int) string {
	zmq := "libzmq " + l.version
	if l.libzmq == "" {
		zmq = "libzmq " + l.noC
	}
	return fmt.Sprintf("%s\n%s, %s; %d rounds, median (lowest-highest); scale %g\n",
		machine(), time.Now().UTC().Format("2006-01-02 15:04 MST"), zmq, rounds, l.scale)
}
