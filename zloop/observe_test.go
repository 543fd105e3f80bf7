package zloop

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/internal/registry"
)

// seen is what the process knows of a loop; nil when it is not listed.
func seen(name string) (found *registry.Snapshot) {
	registry.View(func(s *registry.Snapshot) bool {
		if s.Kind == "loop" && s.Name == name {
			found = s
		}
		return true
	})
	return found
}

// A loop with a name is listed while it runs, and unwell while a handler holds it up.
func TestObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := New(WithName("observed"))
		if err != nil {
			t.Fatal(err)
		}
		l.After(time.Minute, func() error { time.Sleep(time.Minute); return nil })
		if seen("observed") != nil {
			t.Error("listed before it runs")
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- l.Run(ctx) }()
		time.Sleep(30 * time.Second)
		if s := seen("observed"); s == nil || s.State != "idle" || len(s.Unwell) > 0 || s.Numbers[3].Name != "timers" || s.Numbers[3].Value != 1 {
			t.Errorf("while it sleeps: %+v", s)
		}
		time.Sleep(42 * time.Second)
		if s := seen("observed"); s.State != "busy" || fmt.Sprint(s.Unwell) != "[has been in one pass for 12s: a handler does not return]" {
			t.Errorf("in a handler: %+v", s)
		}
		time.Sleep(time.Minute)
		if s := seen("observed"); s.State != "idle" || len(s.Unwell) > 0 {
			t.Errorf("afterwards: %+v", s)
		}
		cancel()
		<-done
		if seen("observed") != nil {
			t.Error("listed when it does not run")
		}
		if _, err := New(WithName("")); !errors.Is(err, ErrOption) {
			t.Errorf("New without a name: %v", err)
		}
	})
}
