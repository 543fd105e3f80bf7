package zmq4

import (
	"log"
	"log/slog"
	"testing"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
	"github.com/go-zactor/zactor/zmq"
)

// A socket that can't be closed in the background keeps nobody: the end of its context
// does not wait for it, and the process counts it.
func TestCloseIsContained(t *testing.T) {
	old, flags, out := slog.Default(), log.Flags(), log.Writer()
	defer func() { slog.SetDefault(old); log.SetFlags(flags); log.SetOutput(out) }()
	var lines logbook.Book
	slog.SetDefault(lines.Slog())
	ctx, err := NewContext()
	if err != nil {
		t.Fatal(err)
	}
	soc, err := ctx.NewSocket(PULL)
	if err != nil {
		t.Fatal(err)
	}
	before := contain.Strays()
	var core *zmq.Socket
	core, soc.core = soc.core, nil // there is nothing to close
	if err := soc.Close(); err != nil {
		t.Error(err)
	}
	ztest.Eventually(t, "it is logged", func() bool { return lines.Has() })
	if n := contain.Strays() - before; n != 1 {
		t.Errorf("%d strays", n)
	}
	core.Close()
	if err := ctx.Term(); err != nil {
		t.Error(err)
	}
}
