// Distinct is a pipeline of actors with back-pressure: one cuts lines into words, the
// next lets through those that are new, the last prints them. Each has a small mailbox,
// and Tell waits for room: when the printing is slow, the cutting waits, and then the
// reading, so that memory stays small however long the input is. At the end of the input,
// and at Ctrl-C, each stage finishes what it has, the first first.
//
//	cat *.md | go run ./examples/distinct
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/go-zactor/zactor/actor"
)

// run has the lines go through the pipeline until they or ctx end.
func run(ctx context.Context, lines <-chan string, print func(string) error) error {
	sup, err := actor.NewSupervisor(actor.OneForAll, actor.WithIntensity(0, time.Second)) // one failure is the end
	if err != nil {
		return err
	}
	first, err := pipeline(sup, print)
	ended := make(chan error, 1)
	go func() { ended <- sup.Run(context.WithoutCancel(ctx)) }()
	for more := true; more && err == nil; {
		var line string
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case line, more = <-lines:
			if more {
				err = first.Tell(ctx, line) // waits for room
			}
		}
	}
	down, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, sup.Shutdown(down), <-ended)
}

// pipeline adds the stages, the last first, since the one added last ends first; and
// returns the first.
func pipeline(sup *actor.Supervisor, print func(string) error) (*actor.Ref[string], error) {
	box := actor.WithMailbox(mailbox)
	last, err := actor.Supervise(sup, "print", sink(print), actor.Permanent, box)
	filter, err2 := actor.Supervise(sup, "filter", stage(last, fresh()), actor.Permanent, box)
	cut, err3 := actor.Supervise(sup, "cut", stage(filter, strings.FieldsSeq), actor.Permanent, box)
	return cut, errors.Join(err, err2, err3)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	lines := make(chan string)
	go func() { // reading can't be interrupted: it ends with the program
		defer close(lines)
		for s := bufio.NewScanner(os.Stdin); s.Scan(); {
			lines <- s.Text()
		}
	}()
	print := func(word string) error { _, err := fmt.Println(word); return err }
	if err := run(ctx, lines, print); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}
