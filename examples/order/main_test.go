package main

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/actor/actortest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// The program as it is run, to the end of its input.
func TestOrder(t *testing.T) {
	p, in := proc.Typed(t, "-pay", "1h")
	fmt.Fprint(in, "state\nship\nstate\npay\nstate\npay\nstate\nwhat\n")
	in.Close()
	p.Want(`it is open
it is open
paid
shipped
it is shipped
no main.Pay: it is shipped
it is shipped
say pay, ship, cancel or state
`)
}

// Who does not pay is told; and Ctrl-C ends it while it reads.
func TestInterrupt(t *testing.T) {
	p, in := proc.Typed(t, "-pay", "1ms")
	p.Expect("^cancelled, not paid in time$")
	fmt.Fprintln(in, "pay")
	p.Expect("^no main.Pay: it is cancelled$")
	p.Interrupt()
}

// Every state, with every message; a minute is the patience.
func TestStates(t *testing.T) {
	for said, want := range map[string]string{
		"pay":              "paid",
		"wait pay":         "cancelled, not paid in time; no main.Pay: it is cancelled",
		"pay wait":         "paid", // the timer is stopped
		"pay pay ship":     "paid; no main.Pay: it is paid; shipped",
		"pay cancel ship":  "paid; cancelled, the money goes back; no main.Ship: it is cancelled",
		"ship ship pay":    "paid; shipped; no main.Ship: it is shipped",
		"ship cancel":      "cancelled; no main.Ship: it is cancelled",
		"pay ship cancel":  "paid; shipped; no main.Cancel: it is shipped",
		"ship wait cancel": "cancelled, not paid in time; no main.Ship: it is cancelled; no main.Cancel: it is cancelled",
	} {
		synctest.Test(t, func(t *testing.T) {
			actortest.NoLeaks(t)
			var heard []string
			o, err := actor.New(t.Context(), order(time.Minute, func(s string) { heard = append(heard, s) }))
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range strings.Fields(said) {
				if word == "wait" {
					time.Sleep(time.Minute + 1)
				} else if err := say(t.Context(), o, io.Discard, word); err != nil {
					t.Error(err)
				}
			}
			if err := o.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if strings.Join(heard, "; ") != want {
				t.Errorf("%s: %q, want %q", said, heard, want)
			}
		})
	}
}
