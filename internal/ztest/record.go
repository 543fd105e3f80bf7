package ztest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Record logs a figure of a promise. With ZACTOR_RECORD=1 it is also written to
// docs/reliability.json, out of which docs/reliability.md is made.
func Record(t testing.TB, promise, what, format string, args ...any) {
	t.Helper()
	text := fmt.Sprintf(format, args...)
	t.Logf("%s, %s: %s", promise, what, text)
	if os.Getenv("ZACTOR_RECORD") == "" {
		return
	}
	figures, err := Recorded()
	if err != nil {
		t.Fatal(err)
	}
	if figures[promise] == nil {
		figures[promise] = map[string]string{}
	}
	figures[promise][what] = text
	b, err := json.MarshalIndent(figures, "", "\t")
	if err == nil {
		err = os.WriteFile(recordPath(), append(b, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Recorded are the figures of all promises.
func Recorded() (map[string]map[string]string, error) {
	figures := map[string]map[string]string{}
	b, err := os.ReadFile(recordPath())
	if errors.Is(err, fs.ErrNotExist) {
		return figures, nil
	}
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(b, &figures)
	return figures, err
}

// recordPath is docs/reliability.json of the module that the test runs in.
func recordPath() string {
	dir, _ := os.Getwd()
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil || filepath.Dir(dir) == dir {
			return filepath.Join(dir, "docs", "reliability.json")
		}
		dir = filepath.Dir(dir)
	}
}
