package main

import (
	"context"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
	"github.com/go-zactor/zactor/zyre"
	"github.com/go-zactor/zactor/zyretest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// port is one on which nobody else meets.
func port(t *testing.T) int {
	return ztest.Port(t)
}

// lines tells of each line which says that a member is here.
type lines struct{ here chan string }

func (l *lines) Write(p []byte) (int, error) {
	if strings.HasSuffix(string(p), " is here\n") {
		l.here <- string(p)
	}
	return len(p), nil
}

// Two processes hear a third one, which is typed into; what is whispered is for one.
func TestChat(t *testing.T) {
	p := port(t)
	ann := proc.Start(t, "-local", "-port", strconv.Itoa(p), "ann")
	bob := proc.Start(t, "-local", "-port", strconv.Itoa(p), "bob")
	ann.Expect("bob is here")
	bob.Expect("ann is here")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n, err := zyre.New(ctx, "cleo", zyre.WithLoopback(true), zyre.WithPort(p), zyre.WithGroups(room))
	if err != nil {
		t.Fatal(err)
	}
	in, typed := io.Pipe()
	out := &lines{here: make(chan string, 8)}
	over := make(chan error)
	go func() { over <- chat(ctx, n, in, out) }()
	ann.Expect("cleo is here")
	bob.Expect("cleo is here")
	<-out.here // what is said is for those of whom cleo knows that they are in the room
	<-out.here
	if _, err := io.WriteString(typed, "hello all\n/w ann psst\nbye\n"); err != nil {
		t.Fatal(err)
	}
	ann.Expect(`cleo: "hello all"`)
	ann.Expect(`cleo whispers: "psst"`)
	ann.Expect(`cleo: "bye"`)
	bob.Expect(`cleo: "bye"`)
	typed.Close()
	cancel()
	if err := <-over; err != nil {
		t.Error(err)
	}
	ann.Expect("cleo has gone: goodbye")
	if out := bob.Interrupt(); strings.Contains(out, "psst") {
		t.Errorf("bob overheard it:\n%s", out)
	}
	ann.Expect("bob has gone: goodbye")
}

// With keys nobody else is met, and the keys are kept.
func TestSecretChat(t *testing.T) {
	p, dir := strconv.Itoa(port(t)), t.TempDir()
	ann := proc.Start(t, "-local", "-port", p, "-key", filepath.Join(dir, "ann"), "ann")
	eve := proc.Start(t, "-local", "-port", p, "eve")
	bob := proc.Start(t, "-local", "-port", p, "-key", filepath.Join(dir, "bob"), "bob")
	ann.Expect("bob is here")
	bob.Interrupt()
	ann.Expect("bob has gone")
	proc.Start(t, "-local", "-port", p, "-key", filepath.Join(dir, "bob"), "bob")
	ann.Expect("bob is here")
	if out := eve.Interrupt(); out != "" {
		t.Errorf("eve met another one:\n%s", out)
	}
}

// The same program on a LAN in memory, whose cables are pulled.
func TestInMemory(t *testing.T) {
	seed := zmqtest.Seed(t)
	play.On(t, zmqtest.Faults{}, func(s *play.Stage) {
		lan := zyretest.NewLAN(seed, zmqtest.Faults{Delay: 5 * time.Millisecond, Slice: 7})
		sit := func(name, ip string) (*play.Program, *io.PipeWriter) {
			in, typed := io.Pipe()
			return s.Start(func(ctx context.Context, out io.Writer, args []string) error {
				return run(ctx, in, out, args, lan.Host(ip)...)
			}, name), typed
		}
		ann, annTypes := sit("ann", "10.0.0.1")
		bob, bobTypes := sit("bob", "10.0.0.2")
		defer annTypes.Close()
		defer bobTypes.Close()
		ann.Expect("bob is here")
		bob.Expect("ann is here")
		io.WriteString(annTypes, "hello\n/w bob psst\n")
		bob.Expect(`^ann: "hello"$`)
		bob.Expect(`^ann whispers: "psst"$`)
		lan.Partition("10.0.0.2") // the cable is pulled
		ann.Expect("bob has gone")
		bob.Expect("ann has gone")
		lan.Heal()
		ann.Expect("bob is here")
	})
}
