package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-zactor/zactor/actor/actortest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// files makes n files of different sizes, and returns the lines that are to be printed.
func files(t *testing.T, n int) (paths []string, lines map[string]bool) {
	t.Helper()
	dir, lines := t.TempDir(), map[string]bool{}
	for i := range n {
		path, content := filepath.Join(dir, fmt.Sprint(i)), bytes.Repeat([]byte{byte(i)}, i*30_000)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
		lines[fmt.Sprintf("%x  %s", sha256.Sum256(content), path)] = true
	}
	return paths, lines
}

// Every file has its line, in any order, also beside one that is not there.
func TestSums(t *testing.T) {
	paths, want := files(t, 50)
	missing := filepath.Join(t.TempDir(), "missing")
	printed := proc.Start(t, append([]string{"-workers", "3", missing}, paths...)...).Wait()
	want["51 of 51 files"] = true
	for line := range strings.Lines(printed) {
		line = strings.TrimSpace(line)
		if !want[line] && !strings.Contains(line, missing) {
			t.Errorf("printed %q", line)
		}
		delete(want, line)
	}
	if len(want) != 0 || strings.Count(printed, missing) != 1 {
		t.Errorf("not printed: %v; printed\n%s", want, printed)
	}
}

// Ctrl-C ends the work on a file that has no end; the others are done meanwhile.
func TestInterrupt(t *testing.T) {
	const endless = "/dev/zero"
	if _, err := os.Stat(endless); err != nil {
		t.Skip(err)
	}
	paths, _ := files(t, 5)
	p := proc.Start(t, append([]string{"-workers", "2", endless}, paths...)...)
	for range paths {
		p.Expect(`^[0-9a-f]{64}  `)
	}
	if printed := p.Interrupt(); !strings.HasSuffix(printed, "\n5 of 6 files\n") {
		t.Errorf("printed\n%s", printed)
	}
}

// The printer's end is the end of everything, and the error.
func TestOutputFails(t *testing.T) {
	paths, _ := files(t, 20)
	synctest.Test(t, func(t *testing.T) {
		actortest.NoLeaks(t)
		if err := run(context.Background(), broken{}, 2, paths); !errors.Is(err, errBroken) {
			t.Errorf("run: %v", err)
		}
	})
}

var errBroken = errors.New("broken pipe")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }
