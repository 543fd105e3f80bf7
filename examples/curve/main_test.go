package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// The example is run as a user would.
func TestCurve(t *testing.T) {
	proc.Start(t).Want("Ada over CURVE: hello, in secret\n")
}
