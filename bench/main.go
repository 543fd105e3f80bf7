package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"time"

	"github.com/go-zactor/zactor/bench/internal/job"
	"github.com/go-zactor/zactor/bench/internal/role"
)

// settings are what the command line says.
type settings struct {
	quick   bool
	rounds  int
	each    time.Duration // how long a run is to take
	budget  time.Duration // how long everything may take
	only    *regexp.Regexp
	out     string
	list    bool
	report  bool
	publish bool
	compare string
	fall    float64
}

func main() {
	if err := dispatch(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func dispatch() error {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		return job.Work(role.All, os.Args[2:])
	}
	s, err := parse(os.Args[1:])
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return bench(ctx, s)
}

func parse(args []string) (settings, error) {
	var s settings
	fs := flag.NewFlagSet("bench", flag.ExitOnError)
	fs.BoolVar(&s.quick, "quick", false, "fewer and shorter runs of fewer workloads: under two minutes")
	fs.IntVar(&s.rounds, "reps", 5, "rounds, in each of which every peer runs once (3 with -quick)")
	fs.DurationVar(&s.each, "time", 400*time.Millisecond, "how long each run is to measure (80ms with -quick)")
	fs.DurationVar(&s.budget, "budget", 18*time.Minute+30*time.Second, "after which later rounds are left out (100s with -quick)")
	fs.StringVar(&s.out, "out", "", "folder for samples, tables and plots (results, or results/quick)")
	fs.BoolVar(&s.list, "list", false, "list the workloads, and run none")
	fs.BoolVar(&s.report, "report", false, "measure nothing, show what was measured before")
	fs.BoolVar(&s.publish, "publish", false, "write docs/benchmarks.md, plots and committed.csv from what is there")
	fs.StringVar(&s.compare, "compare", "", "fail where a ratio to a floor fell below the one in this `file`")
	fs.Float64Var(&s.fall, "fall", 0.3, "by how much a ratio may fall with -compare")
	only := fs.String("run", "", "measure only workloads that match this `regexp`")
	if err := fs.Parse(args); err != nil {
		return s, err
	}
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	s.fillIn(given)
	var err error
	s.only, err = regexp.Compile(*only)
	return s, err
}

// fillIn sets what was not given to what suits a quick run, or a full one.
func (s *settings) fillIn(given map[string]bool) {
	if s.quick && !given["reps"] {
		s.rounds = 3
	}
	if s.quick && !given["time"] {
		s.each = 80 * time.Millisecond
	}
	if s.quick && !given["budget"] {
		s.budget = 100 * time.Second
	}
	if s.out == "" {
		s.out = "results"
		if s.quick {
			s.out = filepath.Join("results", "quick")
		}
	}
}

// check refuses what would show to be in vain only after everything was measured.
func (s *settings) check() error {
	if s.quick && s.publish {
		return errors.New("a quick run is not for publishing")
	}
	if s.compare != "" {
		if _, err := os.Stat(s.compare); err != nil {
			return fmt.Errorf("nothing to compare with: %w", err)
		}
	}
	return nil
}

// bench measures what was asked for, and shows all that there is.
func bench(ctx context.Context, s settings) error {
	all := workloads(s.quick)
	if s.list {
		for _, w := range chosen(all, s.only) {
			fmt.Println(w.path())
		}
		return nil
	}
	if err := s.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return err
	}
	st, err := openStore(filepath.Join(s.out, "samples.csv"))
	if err != nil {
		return err
	}
	if !s.report {
		if err := record(ctx, st, all, s); err != nil {
			return err
		}
	}
	return show(st, all, s)
}

func chosen(all []workload, only *regexp.Regexp) (list []workload) {
	for _, w := range all {
		if only.MatchString(w.path()) {
			list = append(list, w)
		}
	}
	return list
}

// record measures, keeping every sample in the store.
func record(ctx context.Context, st *store, all []workload, s settings) error {
	list := chosen(all, s.only)
	if len(list) == 0 {
		return fmt.Errorf("no workload matches %q; -list names them", s.only)
	}
	l, err := newLab(ctx, s.each)
	if err != nil {
		return err
	}
	defer l.close()
	if err := os.WriteFile(filepath.Join(s.out, "machine.txt"), []byte(machine(l, s)), 0o644); err != nil {
		return err
	}
	left := newBudget(s.budget, s.each, all, list)
	for i, w := range list {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		start := time.Now()
		results := measure(ctx, l, w, s.rounds, left.deadline(list[i:]))
		fmt.Fprintf(os.Stderr, "[%d/%d] %s: %.1fs\n", i+1, len(list), w.path(), time.Since(start).Seconds())
		st.replace(w, results)
		if err := st.save(); err != nil {
			return err
		}
	}
	return nil
}

// show prints the tables that were asked for, keeps all of them, draws the plots, and compares or publishes if asked to.
func show(st *store, all []workload, s settings) error {
	where, err := os.ReadFile(filepath.Join(s.out, "machine.txt"))
	if err != nil {
		return fmt.Errorf("nothing was measured yet: %w", err)
	}
	blocks := st.blocks(all)
	file, err := os.Create(filepath.Join(s.out, "tables.md"))
	if err != nil {
		return err
	}
	defer file.Close()
	writeAll(file, string(where), blocks)
	writeAll(os.Stdout, string(where), st.blocks(chosen(all, s.only)))
	if err := drawPlots(s.out, blocks); err != nil {
		return err
	}
	if s.publish {
		if err := publish(string(where), blocks); err != nil {
			return err
		}
	}
	if s.compare != "" {
		return compareWith(os.Stdout, s.compare, blocks, s.fall)
	}
	return nil
}

func writeAll(out io.Writer, where string, blocks []block) {
	fmt.Fprintln(out, where)
	writeTables(out, blocks)
	fmt.Fprint(out, "\n### Ratios\n\n")
	writeSummary(out, blocks)
	writeFailures(out, blocks)
}
