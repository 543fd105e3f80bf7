// Actors measures zactor's typed actors beside channels, protoactor-go, and zactor's
// actors of an older version, which are built from a git worktree; each in processes of
// its own, in turn. Ratios of one run mean something, other figures little.
//
//	cd bench/actors && go run . [-rounds 5] [-quick] [-old bddf339]
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

//go:embed harness.go
var harness string

//go:embed old/subject.go.txt
var oldSubject string

// rows are what is measured, how often, and what is wanted: a ratio to the old actors,
// or a bound.
var rows = []struct {
	what, unit string
	n          int
	ratio      float64 // at most, of the old figure; 0 for none
	most       float64 // at most; 0 for none
}{
	{"oneway1", "ns CPU", 3_000_000, 0.7, 0},
	{"oneway8", "ns CPU", 3_000_000, 0.8, 0},
	{"pingpong", "ns CPU", 500_000, 0.9, 0},
	{"ask1", "ns CPU", 500_000, 0.85, 0},
	{"ask64", "ns CPU", 500_000, 0.85, 0},
	{"spawn", "ns CPU", 100_000, 0.2, 0},
	{"idle", "B", 100_000, 0, 500},
	{"restart1", "ns p50", 20_000, 0, 3_000},
	{"restart10k", "ns p50", 1_500, 0, 50_000},
	{"million", "s", 1_000_000, 0, 4},
}

func main() {
	if len(os.Args) == 5 && os.Args[1] == "work" {
		n, _ := strconv.Atoi(os.Args[4])
		work(map[string]func() subject{
			"zactor":     func() subject { return ours },
			"channels":   func() subject { return channels },
			"protoactor": protoactor,
		}[os.Args[2]](), os.Args[3], n)
		return
	}
	rounds := flag.Int("rounds", 5, "how often each is measured")
	quick := flag.Bool("quick", false, "a tenth of the work")
	old := flag.String("old", "bddf339", "the older version")
	flag.Parse()
	if err := compare(*rounds, *quick, *old); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func compare(rounds int, quick bool, version string) error {
	dir, err := os.MkdirTemp("", "zactor-actors")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	before, err := buildOld(dir, version)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Printf("%-11s %-7s %10s %10s %7s %10s %10s   wanted\n", "", "", "zactor", version, "ratio", "channels", "protoactor")
	for _, r := range rows {
		n := r.n
		if quick {
			n /= 10
		}
		count := strconv.Itoa(n)
		figures := map[string][]float64{}
		for range rounds {
			figures["zactor"] = append(figures["zactor"], run(self, "work", "zactor", r.what, count))
			figures["old"] = append(figures["old"], run(before, r.what, count))
			if !strings.HasPrefix(r.what, "restart") {
				figures["channels"] = append(figures["channels"], run(self, "work", "channels", r.what, count))
				figures["protoactor"] = append(figures["protoactor"], run(self, "work", "protoactor", r.what, count))
			}
		}
		ours, theirs := median(figures["zactor"]), median(figures["old"])
		wanted := fmt.Sprintf("ratio %.2f", r.ratio)
		ok := ours/theirs <= r.ratio
		if r.most > 0 {
			wanted, ok = fmt.Sprintf("%g %s", r.most, r.unit), ours <= r.most
		}
		fmt.Printf("%-11s %-7s %10.4g %10.4g %7.2f %10.4g %10.4g   %s: %v\n", r.what, r.unit, ours, theirs, ours/theirs,
			median(figures["channels"]), median(figures["protoactor"]), wanted, ok)
	}
	return nil
}

// buildOld builds the program of the older version, in a worktree that is gone when it
// returns.
func buildOld(dir, version string) (program string, err error) {
	tree := filepath.Join(dir, "tree")
	if out, err := exec.Command("git", "worktree", "add", "--detach", tree, version).CombinedOutput(); err != nil {
		return "", fmt.Errorf("git worktree: %w: %s", err, out)
	}
	defer exec.Command("git", "worktree", "remove", "--force", tree).Run()
	at := filepath.Join(tree, "cmd", "oldactors")
	if err := os.MkdirAll(at, 0o755); err != nil {
		return "", err
	}
	for name, text := range map[string]string{"harness.go": harness, "subject.go": oldSubject} {
		if err := os.WriteFile(filepath.Join(at, name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	program = filepath.Join(dir, "old")
	build := exec.Command("go", "build", "-o", program, "./cmd/oldactors")
	build.Dir = tree
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return program, nil
}

// run returns the figure that a process prints; 0 when it has none.
func run(program string, args ...string) float64 {
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		fmt.Fprintln(os.Stderr, program, args, err)
		return 0
	}
	x, _ := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	return x
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}
