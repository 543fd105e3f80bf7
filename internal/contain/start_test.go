package contain

import (
	"bytes"
	"context"
	"log"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"
)

// starts are the ways to run something in a goroutine of its own.
var starts = map[string]func(fn func(), report func(*Panic)){
	"Go": func(fn func(), report func(*Panic)) { Go("there", fn, report) },
	"AfterFunc": func(fn func(), report func(*Panic)) {
		ctx, cancel := context.WithCancel(context.Background())
		AfterFunc(ctx, "there", fn, report)
		cancel()
	},
	"AfterTime": func(fn func(), report func(*Panic)) { AfterTime(time.Nanosecond, "there", fn, report) },
}

// What is started ends alone, whatever it does, and that is reported once.
func TestStarts(t *testing.T) {
	ways := map[string]func(){"goexit": runtime.Goexit}
	for name, fn := range disasters {
		ways[name] = fn
	}
	for start, run := range starts {
		for name, fn := range ways {
			told := make(chan *Panic, 2)
			run(fn, func(p *Panic) { told <- p })
			if p := <-told; p.Where != "there" || len(p.Stack) == 0 {
				t.Errorf("%s, %s: told %v", start, name, p)
			}
		}
		returned := make(chan bool, 2)
		run(func() { returned <- true }, func(*Panic) { returned <- false })
		if !<-returned || len(returned) > 0 {
			t.Errorf("%s: what returned was reported", start)
		}
	}
}

// A report that fails is reported as what belongs to nobody: in the program's default
// log, which may fail as well.
func TestStray(t *testing.T) {
	defer slog.SetDefault(slog.Default())
	defer log.SetFlags(log.Flags())
	defer log.SetOutput(log.Writer())
	for name, fn := range disasters {
		var text bytes.Buffer
		slog.SetDefault(slog.New(slog.NewTextHandler(&text, nil)))
		before := Strays()
		Alone("there", func() { panic("the value") }, func(*Panic) { fn() })
		if Strays() != before+1 || !strings.Contains(text.String(), "there, at its end") || !strings.Contains(text.String(), "start_test.go") {
			t.Errorf("%s: %d strays, log %q", name, Strays()-before, text.String())
		}
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(badWriter{}, nil)))
	Alone("there", func() { panic(1) }, Stray)
}

type badWriter struct{}

func (badWriter) Write([]byte) (int, error) { runtime.Goexit(); return 0, nil }
