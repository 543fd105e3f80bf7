package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// Two that know a third know each other; one is killed, and both others are told.
func TestMembers(t *testing.T) {
	ann := proc.Start(t, "ann", "127.0.0.1:0")
	seed := ann.Expect("^ann listens at (.*)$")[1]
	bob, cyd := proc.Start(t, "bob", "127.0.0.1:0", seed), proc.Start(t, "cyd", "127.0.0.1:0", seed)
	bob.Expect("^cyd serves at tcp://127.0.0.1:")
	cyd.Expect("^bob serves at tcp://127.0.0.1:")
	ann.Expect("^cyd serves at")
	cyd.Kill()
	ann.Expect("^cyd has gone$")
	bob.Expect("^cyd has gone$")
	bob.Interrupt()
	ann.Interrupt()
}
