package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// page is docs/benchmarks.md but for the numbers: its text is written by hand.
//
//go:embed benchmarks.tmpl
var page string

// published are the places of what is committed, from this folder.
const (
	publishedPage      = "../docs/benchmarks.md"
	publishedPlots     = "bench/plots" // from the page
	publishedStandings = "committed.csv"
)

// publish writes the page, its plots, and the ratios to be compared with later.
func publish(where string, blocks []block) error {
	text, err := renderPage(where, blocks)
	if err != nil {
		return err
	}
	if err := os.WriteFile(publishedPage, text, 0o644); err != nil {
		return err
	}
	if err := drawPlots(".", blocks); err != nil {
		return err
	}
	file, err := os.Create(publishedStandings)
	if err != nil {
		return err
	}
	return errors.Join(writeStandings(file, standings(blocks)), file.Close())
}

func renderPage(where string, blocks []block) ([]byte, error) {
	t, err := template.New("docs/benchmarks.md").Funcs(template.FuncMap{
		"where":   func() string { return strings.TrimSpace(where) },
		"summary": func() string { return rendered(func(b *bytes.Buffer) { writeSummary(b, blocks) }) },
		"table":   func(family string) (string, error) { return renderTable(family, blocks) },
		"plot":    plotLink,
		"behind":  func() string { return behind(blocks) },
		"failed":  func() string { return rendered(func(b *bytes.Buffer) { writeFailures(b, blocks) }) },
	}).Parse(page)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, nil)
	return out.Bytes(), err
}

func rendered(write func(*bytes.Buffer)) string {
	var b bytes.Buffer
	write(&b)
	return strings.TrimSpace(b.String())
}

// renderTable fails for a name that no workload has, so that the page can't forget
// what was renamed.
func renderTable(family string, blocks []block) (string, error) {
	for _, f := range families(blocks) {
		if f[0].work.family == family {
			return rendered(func(b *bytes.Buffer) { writeFamily(b, f) }), nil
		}
	}
	for _, w := range workloads(false) {
		if w.family == family {
			return "Not measured.", nil
		}
	}
	return "", fmt.Errorf("no workload is of the family %q", family)
}

// plotLink is the Markdown of a plot.
func plotLink(name string) (string, error) {
	for _, list := range [][]plotted{linePlots, latencyPlots, barPlots} {
		for _, p := range list {
			if p.file == name {
				return fmt.Sprintf("![%s: %s](%s)", p.title, p.y, filepath.ToSlash(p.path(publishedPlots))), nil
			}
		}
	}
	return "", fmt.Errorf("no plot is named %q", name)
}

// behind lists all in which the best of ours is worse than the best libzmq there is,
// or than channels where there is no libzmq.
func behind(blocks []block) string {
	rows := [][]string{{"", "", "", "", "times as good as the reference"}}
	for _, b := range blocks {
		for _, f := range judgedFigures(b.work) {
			best, name := bestOfOurs(b, f)
			if name != "" && best.mid < 1 {
				rows = append(rows, []string{b.work.family, b.work.name, f.name, name,
					fmt.Sprintf("%s (%s-%s)", times(best.mid), times(best.low), times(best.high))})
			}
		}
	}
	if len(rows) == 1 {
		return "Nothing was slower than its reference."
	}
	return rendered(func(b *bytes.Buffer) { writeAligned(b, rows) })
}

func bestOfOurs(b block, f figure) (best spread, name string) {
	for i := range b.results {
		r := &b.results[i]
		if !strings.HasPrefix(r.contender, "zactor") {
			continue
		}
		if ratios := b.ratios(f, r, b.reference()); len(ratios) > 0 && spreadOf(ratios).mid > best.mid {
			best, name = spreadOf(ratios), r.contender
		}
	}
	return best, name
}
