package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// The example is run as a user would.
func TestCertStore(t *testing.T) {
	proc.Start(t).Want("a stranger is refused: true\nthe certificate is there: Ada says hello\nthe certificate is gone, and so is the peer: true\n")
}
