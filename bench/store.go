package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
)

// store is all that was measured, kept in a file of one number a line: what the
// tables and plots are made of, of one run or of several that did a part each.
type store struct {
	path string
	rows []row
}

// row is one number of one run, or a note why there is none.
type row struct {
	family, work, peer string
	round              int
	name, value        string
}

var storeHead = []string{"family", "work", "peer", "round", "figure", "value"}

// The names of the notes.
const (
	noteMissing = "missing"
	noteFailed  = "failed"
)

func openStore(path string) (*store, error) {
	st := &store{path: path}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return st, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 || !slices.Equal(lines[0], storeHead) {
		return nil, fmt.Errorf("%s is not a file of samples: begin a new one", path)
	}
	for _, f := range lines[1:] {
		round, err := strconv.Atoi(f[3])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		st.rows = append(st.rows, row{f[0], f[1], f[2], round, f[4], f[5]})
	}
	return st, nil
}

// save writes everything to another file first: a run may be ended at any time.
func (st *store) save() error {
	file, err := os.Create(st.path + ".new")
	if err != nil {
		return err
	}
	defer file.Close()
	w := csv.NewWriter(file)
	_ = w.Write(storeHead)
	for _, r := range st.rows {
		_ = w.Write([]string{r.family, r.work, r.peer, strconv.Itoa(r.round), r.name, r.value})
	}
	w.Flush()
	if err := errors.Join(w.Error(), file.Close()); err != nil {
		return err
	}
	return os.Rename(st.path+".new", st.path)
}

// replace puts a workload's new results in the place of its old ones.
func (st *store) replace(w workload, results []result) {
	st.rows = slices.DeleteFunc(st.rows, func(r row) bool { return r.family == w.family && r.work == w.name })
	for _, r := range results {
		add := func(round int, name, value string) {
			st.rows = append(st.rows, row{w.family, w.name, r.contender, round, name, value})
		}
		if r.missing != "" {
			add(0, noteMissing, r.missing)
		}
		if r.err != nil {
			add(0, noteFailed, r.err.Error())
		}
		for _, round := range slices.Sorted(maps.Keys(r.samples)) {
			for _, name := range slices.Sorted(maps.Keys(r.samples[round])) {
				add(round, name, strconv.FormatFloat(r.samples[round][name], 'g', 10, 64))
			}
		}
	}
}

// block is all the results of one workload.
type block struct {
	work    workload
	results []result
}

// blocks are the workloads that were measured, in the order of the list.
func (st *store) blocks(all []workload) []block {
	rows := map[string][]row{}
	for _, r := range st.rows {
		rows[r.family+"/"+r.work] = append(rows[r.family+"/"+r.work], r)
	}
	var list []block
	for _, w := range all {
		if mine := rows[w.path()]; len(mine) > 0 {
			list = append(list, block{w, resultsOf(w, mine)})
		}
	}
	return list
}

// resultsOf brings a workload's rows back into the order of its contenders.
func resultsOf(w workload, rows []row) []result {
	results := make([]result, len(w.contenders))
	for i, c := range w.contenders {
		results[i] = result{contender: c.name, samples: map[int]sample{}}
		for _, r := range rows {
			if r.peer == c.name {
				results[i].take(r)
			}
		}
	}
	return results
}

func (r *result) take(from row) {
	switch from.name {
	case noteMissing:
		r.missing = from.value
	case noteFailed:
		r.err = errors.New(from.value)
	default:
		v, err := strconv.ParseFloat(from.value, 64)
		if err != nil {
			r.err = err
			return
		}
		if r.samples[from.round] == nil {
			r.samples[from.round] = sample{}
		}
		r.samples[from.round][from.name] = v
	}
}
