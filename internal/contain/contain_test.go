package contain

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// hostile is a value whose own methods panic.
type hostile struct{}

func (hostile) Error() string { panic("while it was printed") }

// disasters are the ways to end that are not returning.
var disasters = map[string]func(){
	"text":   func() { panic("text") },
	"error":  func() { panic(fmt.Errorf("wrapped: %w", io.EOF)) },
	"nil":    func() { panic(nil) }, //nolint:govet // what a user may write
	"bounds": func() { _ = make([]int, 0)[len(disasterArgs)] },
	"lie":    func() { panic(hostile{}) },
}

var disasterArgs []int

func TestCall(t *testing.T) {
	for name, fn := range disasters {
		var mu sync.Mutex
		err := Call("here", func() {
			mu.Lock()
			defer mu.Unlock()
			fn()
		})
		var p *Panic
		if !errors.As(err, &p) || !errors.Is(err, ErrPanic) || p.Where != "here" || len(p.Stack) == 0 || !strings.Contains(err.Error(), "here") {
			t.Errorf("%s: %v", name, err)
		}
		if !mu.TryLock() {
			t.Errorf("%s: the lock was not given back", name)
		}
		if errors.Is(err, io.EOF) {
			t.Errorf("%s: a panic passes for its value: %v", name, err)
		}
	}
	if err := Call("here", func() {}); err != nil {
		t.Error(err)
	}
	if err := Try("here", func() error { return io.EOF }); err != io.EOF {
		t.Error(err)
	}
	long := Call("here", func() { panic(strings.Repeat("x", 1<<20)) })
	if n := len(long.Error()); n > 2*maxText {
		t.Errorf("a text of %d bytes", n)
	}
}

func TestRun(t *testing.T) {
	ways := map[string]func(){"goexit": runtime.Goexit, "return": func() {}}
	for name, fn := range disasters {
		ways[name] = fn
	}
	for name, fn := range ways {
		var mu sync.Mutex
		ended := make(chan error, 2)
		var wg sync.WaitGroup
		wg.Go(func() {
			Run("there", func() error {
				mu.Lock()
				defer mu.Unlock()
				fn()
				return nil
			}, func(err error) { ended <- err }, nil)
		})
		wg.Wait()
		if err := <-ended; errors.Is(err, ErrPanic) != (name != "return") {
			t.Errorf("%s: %v", name, err)
		}
		if len(ended) != 0 || !mu.TryLock() {
			t.Errorf("%s: ended %d times more, or the lock was not given back", name, len(ended))
		}
	}
}

func TestApart(t *testing.T) {
	for name, fn := range map[string]func(){"panic": func() { panic(1) }, "goexit": runtime.Goexit} {
		if err := Apart("there", fn); !errors.Is(err, ErrPanic) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Apart("there", func() {}); err != nil {
		t.Error(err)
	}
}

// What is to tidy up may fail as well: that is told, and that is all.
func TestRunWhoseEndPanics(t *testing.T) {
	for name, fn := range disasters {
		var told *Panic
		Run("there", func() error { return io.EOF }, func(error) { fn() }, func(p *Panic) { told = p; panic("and that, too") })
		if told == nil || !strings.Contains(told.Where, "at its end") {
			t.Errorf("%s: told %v", name, told)
		}
		Run("there", func() error { panic("body") }, func(error) { fn() }, nil)
	}
}
