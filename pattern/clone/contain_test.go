package clone_test

import (
	"errors"
	"testing"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/pattern/clone"
)

// When the client's goroutine panics the client ends, and its calls say so.
func TestClientIsContained(t *testing.T) {
	hit, stop := contain.Disaster("clone: client", 1)
	defer stop()
	c, err := clone.NewClient(t.Context(), []string{"tcp://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	<-hit
	if err := c.Set(t.Context(), "k", nil); !errors.Is(err, clone.ErrClosed) {
		t.Errorf("set: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
