// Sums is a command-line tool that fans its work out to a pool of actors: it prints the
// SHA-256 of files, as they are ready. A file that can't be read costs its own line only,
// and Ctrl-C stops the workers in the middle of a file, and says how far they came.
//
//	go run ./examples/sums -workers 4 *.go
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime"

	"github.com/go-zactor/zactor/actor"
)

// worker makes a worker that sums the file of each path that it is told, and tells the
// printer a line.
func worker(printer *actor.Ref[string]) actor.Setup[string] {
	return func(*actor.Context[string]) (actor.Handler[string], error) {
		return func(c *actor.Context[string], path string) error {
			line, err := sum(c, path)
			switch {
			case c.Err() != nil:
				return nil // told to end: there is no result
			case err != nil:
				line = err.Error()
			}
			if err := printer.Tell(c, line); err != nil {
				return fmt.Errorf("%w: %w", actor.ErrEscalate, err) // without a printer all work is in vain
			}
			return nil
		}, nil
	}
}

// sum reads a file to its end, or to the end of ctx.
func sum(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	for err == nil && ctx.Err() == nil {
		_, err = io.CopyN(h, f, 1<<20)
	}
	if err == io.EOF {
		err = ctx.Err()
	}
	return fmt.Sprintf("%x  %s", h.Sum(nil), path), err
}

func run(ctx context.Context, w io.Writer, workers int, paths []string) error {
	done := 0 // belongs to the printer until that has ended
	printer, err := actor.New(context.WithoutCancel(ctx), func(*actor.Context[string]) (actor.Handler[string], error) {
		return func(_ *actor.Context[string], line string) error {
			done++
			_, err := fmt.Fprintln(w, line)
			return err // one that can't print ends
		}, nil
	})
	if err != nil {
		return err
	}
	sup, err := actor.NewSupervisor(actor.OneForOne)
	if err != nil {
		return err
	}
	pool, err := actor.Pool(sup, "sums", workers, actor.Shared[string](), worker(printer), actor.WithMailbox(workers))
	ended := make(chan error, 1)
	go func() { ended <- sup.Run(ctx) }()
	for i := 0; i < len(paths) && err == nil; i++ {
		err = pool.Tell(ctx, paths[i]) // waits for room
	}
	err = errors.Join(err, sup.Shutdown(ctx), <-ended, printer.Shutdown(context.WithoutCancel(ctx)), printer.Err())
	fmt.Fprintf(os.Stderr, "%d of %d files\n", done, len(paths))
	return err
}

func main() {
	workers := flag.Int("workers", runtime.NumCPU(), "how many files are read at the same time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *workers, flag.Args()); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}
