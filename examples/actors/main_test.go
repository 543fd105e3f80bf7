package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// The example is run as a user would.
func TestActors(t *testing.T) {
	proc.Start(t).Want("the squares from 1 to 1000 add up to 333833500; 3 workers took part\n")
}
