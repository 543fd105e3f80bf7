package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/go-zactor/zactor/actor/actortest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// The program as it is run, to the end of its input.
func TestDistinct(t *testing.T) {
	p, in := proc.Typed(t)
	fmt.Fprint(in, "to be or\nnot to be\n\n")
	p.Expect("^not$") // it prints while its input goes on
	fmt.Fprint(in, "be there")
	in.Close()
	p.Want("to\nbe\nor\nnot\nthere\n")
}

// Ctrl-C ends it while it reads; what was read is printed.
func TestInterrupt(t *testing.T) {
	p, in := proc.Typed(t)
	fmt.Fprintln(in, "a b a c")
	p.Expect("^a$")
	if printed := p.Interrupt(); printed != "a\nb\nc\n" {
		t.Errorf("printed\n%s", printed)
	}
}

// While nothing is printed, the pipeline takes in what its mailboxes hold and no more,
// and afterwards nothing is missing. Cancelled, it finishes what it has taken in.
func TestBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		actortest.NoLeaks(t)
		ctx, cancel := context.WithCancel(t.Context())
		lines, gate, ended := make(chan string), make(chan bool), make(chan error, 1)
		printed := 0
		go func() {
			ended <- run(ctx, lines, func(word string) error {
				<-gate
				if word != fmt.Sprint(printed) {
					t.Errorf("%q is printed as number %d", word, printed)
				}
				printed++
				return nil
			})
		}()
		taken := 0
		go func() {
			for ; ctx.Err() == nil; taken++ {
				select {
				case lines <- fmt.Sprint(taken):
				case <-ctx.Done():
					return
				}
			}
		}()
		const held = 3*mailbox + 3 + 1 // in mailboxes, in the hands of the stages, and of run
		for n := range 100 {
			if synctest.Wait(); taken != n+held {
				t.Fatalf("%d words printed, %d lines taken, want %d", n, taken, n+held)
			}
			gate <- true
		}
		synctest.Wait()
		cancel()
		close(gate)
		if err := <-ended; !errors.Is(err, context.Canceled) || printed != taken-1 { // run's own was not accepted
			t.Errorf("run: %v; %d of %d printed", err, printed, taken)
		}
	})
}

// A stage that fails ends the pipeline, with its error.
func TestFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		actortest.NoLeaks(t)
		lines, full := make(chan string, 100), errors.New("disk full")
		for i := range 100 {
			lines <- fmt.Sprint(i)
		}
		if err := run(t.Context(), lines, func(string) error { return full }); !errors.Is(err, full) {
			t.Errorf("run: %v", err)
		}
	})
}
