package main

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
	"github.com/go-zactor/zactor/zyretest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// port is one on which nobody else meets.
func port(t *testing.T) string {
	return strconv.Itoa(ztest.Port(t))
}

// Two drop at once; files arrive as they were, the empty one and one of many more
// chunks than are under way at once, and none replaces another.
func TestFiledrop(t *testing.T) {
	p, from, to := port(t), t.TempDir(), t.TempDir()
	random := rand.NewChaCha8([32]byte{})
	files := map[string][]byte{"empty": nil, "one": make([]byte, chunk), "many": make([]byte, 3*credit*chunk+1)}
	for name, content := range files {
		random.Read(content)
		if err := os.WriteFile(filepath.Join(from, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	drop := func(name string) *proc.Process {
		return proc.Start(t, "-local", "-port", p, "drop", "ann", filepath.Join(from, name))
	}
	early := drop("many") // before there is anybody
	ann := proc.Start(t, "-local", "-port", p, "take", "ann", to)
	ann.Expect("^waiting for files, as ann$")
	one, empty := drop("one"), drop("empty")
	early.Want("ann has many, 1572865 bytes\n")
	one.Want("ann has one, 65536 bytes\n")
	empty.Want("ann has empty, 0 bytes\n")
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(to, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v, want %d", name, len(got), err, len(want))
		}
	}
	again := drop("one")
	again.Expect(`ann does not take it: ".*exists"`)
	ann.Interrupt()
}

// What is dropped by one who dies on the way does not stay.
func TestHalfAFile(t *testing.T) {
	p, from, to := port(t), t.TempDir(), t.TempDir()
	huge := filepath.Join(from, "huge")
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 1<<40); err != nil {
		t.Skip(err)
	}
	ann := proc.Start(t, "-local", "-port", p, "take", "ann", to)
	ann.Expect("waiting")
	bob := proc.Start(t, "-local", "-port", p, "drop", "ann", huge)
	ann.Expect(`taking "huge"`)
	bob.Kill()
	ann.Expect(`"huge" is not complete`)
	ann.Interrupt()
	if left, err := os.ReadDir(to); err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}

// The same program on a LAN in memory.
func TestInMemory(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	want := make([]byte, 3*credit*chunk+1)
	rand.NewChaCha8([32]byte{}).Read(want)
	if err := os.WriteFile(filepath.Join(from, "many"), want, 0o600); err != nil {
		t.Fatal(err)
	}
	seed := zmqtest.Seed(t)
	play.On(t, zmqtest.Faults{}, func(s *play.Stage) {
		lan := zyretest.NewLAN(seed, zmqtest.Faults{Delay: 5 * time.Millisecond, Slice: 9999})
		on := func(ip string) play.Run {
			return func(ctx context.Context, out io.Writer, args []string) error {
				return run(ctx, out, args, lan.Host(ip)...)
			}
		}
		ann := s.Start(on("10.0.0.1"), "take", "ann", to)
		s.Start(on("10.0.0.2"), "drop", "ann", filepath.Join(from, "many")).Want("ann has many, 1572865 bytes\n")
		ann.Expect(`^got "many", 1572865 bytes$`)
	})
	if got, err := os.ReadFile(filepath.Join(to, "many")); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
