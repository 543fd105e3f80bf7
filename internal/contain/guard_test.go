package contain

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestGuard(t *testing.T) {
	ways := map[string]func(){}
	for name, fn := range disasters {
		ways[name] = fn
	}
	for name, fn := range ways {
		var told []string
		g := Guard{}
		g.Report = func(p *Panic) {
			told = append(told, p.Where)
			panic("the report, too")
		}
		var mu sync.Mutex
		locked := func() {
			mu.Lock()
			defer mu.Unlock()
			fn()
		}
		if g.Step("step", locked) || g.Hook("hook", locked) || g.Try("try", locked) == nil {
			t.Errorf("%s: taken for a return", name)
		}
		var running sync.WaitGroup
		lost := 0
		g.Go(&running, "go", locked, func() { lost++; fn() })
		running.Wait()
		if want := "step hook go, at its end go"; strings.Join(told, " ") != want || g.Panics() != 5 || lost != 1 {
			t.Errorf("%s: told of %v, want %s; counted %d, want 5; lost %d times", name, told, want, g.Panics(), lost)
		}
		if !mu.TryLock() {
			t.Errorf("%s: the lock was not given back", name)
		}
	}
}

func TestGuardOfWhatReturns(t *testing.T) {
	var g Guard
	ran := 0
	if !g.Step("", func() { ran++ }) || !g.Hook("", func() { ran++ }) || g.Try("", func() { ran++ }) != nil {
		t.Error("a return was taken for a panic")
	}
	var running sync.WaitGroup
	g.Go(&running, "", func() { ran++ }, func() { t.Error("lost") })
	running.Wait()
	if ran != 4 || g.Panics() != 0 {
		t.Errorf("%d of 4 ran, %d panics", ran, g.Panics())
	}
}

func TestGuardOfGoexit(t *testing.T) {
	var g Guard
	var running sync.WaitGroup
	lost := false
	g.Go(&running, "", runtime.Goexit, func() { lost = true })
	running.Wait()
	if g.Hook("", runtime.Goexit) || !lost || g.Panics() != 2 {
		t.Errorf("lost: %v, panics: %d, want 2", lost, g.Panics())
	}
}

func TestDisaster(t *testing.T) {
	var g Guard
	hit, stop := Disaster("there", 2)
	defer stop()
	if !g.Step("here", func() {}) {
		t.Error("it happened elsewhere")
	}
	for i, want := range []bool{false, false, true} {
		if g.Step("there", func() {}) != want {
			t.Errorf("turn %d: want %v", i, want)
		}
	}
	<-hit
	stop()
	if err := Call("there", func() { Probe("there") }); errors.Is(err, ErrPanic) {
		t.Error("it was not stopped")
	}
}
