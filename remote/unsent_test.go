package remote

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
	"github.com/go-zactor/zactor/msg"
)

// Close says what other nodes had sent, and no actor received.
func TestCloseSaysWhatWasLost(t *testing.T) {
	st := newStuck()
	all, _ := spaces(t, "it", st.run, actor.WithMailbox(1))
	ctx := ztest.Within(t)
	ref, err := all[1].Find(ctx, "it")
	if err != nil {
		t.Fatal(err)
	}
	const sent = 5
	for range sent {
		if err := ref.Send(ctx, msg.NewString("x")); err != nil {
			t.Fatal(err)
		}
	}
	ztest.Eventually(t, "all have come: one is in the mailbox, one in hand", func() bool {
		all[0].mu.Lock()
		defer all[0].mu.Unlock()
		waiting, _ := all[0].served["it"].load()
		return all[0].stats.Sends == 1 && waiting == sent-2
	})
	var b logbook.Book
	all[0].options.log = logs.Logger{}.Zerolog(b.Zerolog()).Slog(b.Slog())
	want := `remote: 4 messages not delivered (4 of node "node1" for "it": it had not received them)`
	for range 2 {
		err := all[0].Close()
		var unsent *UnsentError
		if err == nil || err.Error() != want || !errors.As(err, &unsent) || unsent.N != sent-1 {
			t.Errorf("close: %v, want %s", err, want)
		}
	}
	if !b.Has("ZA0615", "closed with messages of other nodes undelivered", strings.ReplaceAll(want, `"`, `\"`)) || b.Count("ZA0615") != 1 {
		t.Errorf("no line tells it once:\n%s", &b)
	}
	if err := all[1].Close(); err != nil {
		t.Errorf("who owes nothing: %v", err)
	}
}
