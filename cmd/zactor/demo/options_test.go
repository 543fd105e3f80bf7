package demo

import (
	"bytes"
	"errors"
	"flag"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		args string
		want Options
	}{
		{"", Options{Nodes: 5, Duration: 10 * time.Second}},
		{"-nodes 2 -duration 1s -json", Options{Nodes: 2, Duration: time.Second, JSON: true}},
		{"--open", Options{Nodes: 5, Duration: time.Minute, Open: true}},
		{"--open --duration 5s", Options{Nodes: 5, Duration: 5 * time.Second, Open: true}},
		{"--nodes=32", Options{Nodes: 32, Duration: 10 * time.Second}},
	} {
		got, err := parse(strings.Fields(c.args), new(bytes.Buffer))
		if err != nil || got != c.want {
			t.Errorf("%q: %+v, %v; want %+v", c.args, got, err, c.want)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	for args, want := range map[string]string{
		"-nodes 1":       "-nodes 1: want 2 to 32",
		"-nodes 33":      "-nodes 33",
		"-nodes x":       "x",
		"-duration 10ms": "-duration 10ms: want at least 1s",
		"-duration -1s":  "-duration -1s",
		"-colour":        "colour",
		"now":            `"now"`,
	} {
		var out, errs bytes.Buffer
		if code := Main(t.Context(), strings.Fields(args), &out, &errs); code != exitUsage {
			t.Errorf("%q: exit code %d", args, code)
		}
		if !strings.Contains(errs.String(), want) || out.Len() > 0 {
			t.Errorf("%q: said %q and %q, want something with %q", args, &errs, &out, want)
		}
	}
}

func TestHelp(t *testing.T) {
	var help bytes.Buffer
	if _, err := parse([]string{"-h"}, &help); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	for _, word := range []string{"usage: zactor demo", "-nodes", "-duration", "-json", "-open", "2 to 32"} {
		if !strings.Contains(help.String(), word) {
			t.Errorf("help does not mention %q:\n%s", word, &help)
		}
	}
}
