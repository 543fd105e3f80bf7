package main

import (
	"regexp"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func TestVersion(t *testing.T) {
	if got := proc.Start(t).Wait(); !regexp.MustCompile(`^zactor \S+, ZMTP 3\.1\n$`).MatchString(got) {
		t.Errorf("printed %q", got)
	}
}
