package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// What is committed are ratios of ours to the floors: they move the least from
// machine to machine, and a floor does not become better or worse with the product.

// standing is how many times as good as the floor a contender is at something.
type standing struct {
	family, work, peer, figure string
	spread
}

func (s standing) key() string {
	return strings.Join([]string{s.family, s.work, s.peer, s.figure}, "/")
}

// standings are all that can be compared.
func standings(blocks []block) (list []standing) {
	for _, b := range blocks {
		for i := range b.results {
			r := &b.results[i]
			if !strings.HasPrefix(r.contender, "zactor") {
				continue
			}
			for _, f := range judgedFigures(b.work) {
				if ratios := b.ratios(f, r, b.result(b.work.floor)); len(ratios) > 0 {
					list = append(list, standing{b.work.family, b.work.name, r.contender, f.name, spreadOf(ratios)})
				}
			}
		}
	}
	return list
}

var standingHead = []string{"family", "work", "peer", "figure", "ratio to the floor", "lowest", "highest"}

func writeStandings(out io.Writer, list []standing) error {
	w := csv.NewWriter(out)
	_ = w.Write(standingHead)
	for _, s := range list {
		_ = w.Write([]string{s.family, s.work, s.peer, s.figure, digits(s.mid), digits(s.low), digits(s.high)})
	}
	w.Flush()
	return w.Error()
}

func digits(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

func readStandings(in io.Reader) ([]standing, error) {
	lines, err := csv.NewReader(in).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 || !slices.Equal(lines[0], standingHead) {
		return nil, errors.New("not a file of ratios")
	}
	var list []standing
	for _, f := range lines[1:] {
		s := standing{family: f[0], work: f[1], peer: f[2], figure: f[3]}
		for i, to := range []*float64{&s.mid, &s.low, &s.high} {
			if *to, err = strconv.ParseFloat(f[4+i], 64); err != nil {
				return nil, fmt.Errorf("%s: %w", s.key(), err)
			}
		}
		list = append(list, s)
	}
	return list, nil
}

// compareWith fails if anything is worse than what is committed.
func compareWith(out io.Writer, path string, blocks []block, tolerance float64) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	committed, err := readStandings(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	now := standings(blocks)
	fallen, compared := falls(committed, now, tolerance)
	fmt.Fprintf(out, "\n### Beside %s\n\n%d ratios to the floors compared, %d fell by more than %.0f %%.\n",
		path, compared, len(fallen), tolerance*100)
	if compared == 0 {
		return errors.New("nothing of what is committed was measured")
	}
	if len(fallen) == 0 {
		return nil
	}
	fmt.Fprintln(out)
	writeAligned(out, append([][]string{{"", "", "", "", "committed", "now"}}, fallen...))
	return fmt.Errorf("%d ratios fell by more than %.0f %%", len(fallen), tolerance*100)
}

// falls lists what fell. One bad round on a noisy machine is no fall: the median has
// to be lower by more than the tolerance, and not even the best round may come up to
// what was the median before.
func falls(committed, now []standing, tolerance float64) (rows [][]string, compared int) {
	before := map[string]standing{}
	for _, s := range committed {
		before[s.key()] = s
	}
	for _, s := range now {
		old, ok := before[s.key()]
		if !ok {
			continue
		}
		compared++
		if s.mid < old.mid*(1-tolerance) && s.high < old.mid {
			rows = append(rows, []string{s.family, s.work, s.peer, s.figure, spreadCell(old.spread), spreadCell(s.spread)})
		}
	}
	return rows, compared
}

func spreadCell(s spread) string {
	return fmt.Sprintf("%s (%s-%s)", digits(s.mid), digits(s.low), digits(s.high))
}
