package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
)

// settings are what the command line says.
type settings struct {
	rounds int
	scale  float64
	only   *regexp.Regexp
	out    string
	list   bool
}

func main() {
	if err := dispatch(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func dispatch() error {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		return work(os.Args[2:])
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
	quick := fs.Bool("quick", false, "fewer rounds of fewer messages: under two minutes")
	fs.IntVar(&s.rounds, "reps", 5, "rounds, in each of which every peer runs once")
	fs.Float64Var(&s.scale, "msgs", 1, "scale of the numbers of messages")
	fs.StringVar(&s.out, "out", "results", "folder for samples.csv and tables.md")
	fs.BoolVar(&s.list, "list", false, "list the workloads, and run none")
	only := fs.String("run", "", "run only workloads that match this `regexp`")
	if err := fs.Parse(args); err != nil {
		return s, err
	}
	if *quick {
		s.rounds, s.scale = min(s.rounds, 3), s.scale*0.25
	}
	var err error
	s.only, err = regexp.Compile(*only)
	return s, err
}

// bench runs the workloads that were asked for, and writes what they gave.
func bench(ctx context.Context, s settings) error {
	var chosen []workload
	for _, w := range workloads() {
		if s.only.MatchString(w.path()) {
			chosen = append(chosen, w)
		}
	}
	if s.list {
		for _, w := range chosen {
			fmt.Println(w.path())
		}
		return nil
	}
	if len(chosen) == 0 {
		return fmt.Errorf("no workload matches %q; -list names them", s.only)
	}
	l, err := newLab(ctx, s.scale)
	if err != nil {
		return err
	}
	defer l.close()
	blocks, err := record(ctx, l, chosen, s)
	if err != nil {
		return err
	}
	return publish(l, blocks, s)
}

// record measures, keeping every sample in samples.csv.
func record(ctx context.Context, l *lab, chosen []workload, s settings) ([]block, error) {
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return nil, err
	}
	file, err := os.Create(filepath.Join(s.out, "samples.csv"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	book, err := newLedger(file)
	if err != nil {
		return nil, err
	}
	var blocks []block
	for i, w := range chosen {
		if ctx.Err() != nil {
			break
		}
		fmt.Fprintf(os.Stderr, "[%d/%d] %s\n", i+1, len(chosen), w.path())
		results := measure(ctx, l, w, s.rounds, func(round int, peer string, got sample) {
			if e := book.add(w, round, peer, got); e != nil {
				err = e
			}
		})
		blocks = append(blocks, block{w, results})
	}
	return blocks, err
}

// publish writes the tables to stdout and to tables.md.
func publish(l *lab, blocks []block, s settings) error {
	file, err := os.Create(filepath.Join(s.out, "tables.md"))
	if err != nil {
		return err
	}
	defer file.Close()
	out := io.MultiWriter(os.Stdout, file)
	fmt.Fprint(out, header(l, s.rounds))
	writeTables(out, blocks)
	writeFailures(out, blocks)
	return nil
}
