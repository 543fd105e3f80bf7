package figures

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

type inner struct {
	HWM      uint64
	PeerGone uint64
}

type sample struct {
	Sent, SentBytes uint64
	Queued          int
	Drops           inner
	Age             time.Duration
	since           int
}

var some = sample{Sent: 3, Queued: 2, Drops: inner{HWM: 1}, Age: 1500 * time.Millisecond, since: 7}

func TestText(t *testing.T) {
	if got, want := Text(some), "sent=3 queued=2 drops.hwm=1 age=1.5s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Text(sample{since: 1}); got != "nothing yet" {
		t.Errorf("%q for nothing", got)
	}
}

// What is written is read back by encoding/json into the same struct.
func TestJSON(t *testing.T) {
	b, err := JSON(some)
	want := `{"sent":3,"sentBytes":0,"queued":2,"drops":{"hwm":1,"peerGone":0},"age":1500000000}`
	if err != nil || string(b) != want {
		t.Errorf("%s %v, want %s", b, err, want)
	}
	var back sample
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if back.since = some.since; back != some {
		t.Errorf("read back as %+v", back)
	}
	if _, err := JSON(struct{ F func() }{}); err == nil {
		t.Error("a function became JSON")
	}
}

func TestValue(t *testing.T) {
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", slog.Attr{Key: "stats", Value: Value(some)})
	if want := "stats.sent=3 stats.sentBytes=0 stats.queued=2 stats.drops.hwm=1 stats.drops.peerGone=0 stats.age=1.5s"; !strings.Contains(b.String(), want) {
		t.Errorf("%s, want %s", b.String(), want)
	}
}

func TestList(t *testing.T) {
	want := []Figure{{"sent", 3, true}, {"sentBytes", 0, true}, {"queued", 2, false}, {"drops.hwm", 1, true}, {"drops.peerGone", 0, true}, {"age", 1.5, false}}
	if got := List(some); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestName(t *testing.T) {
	for field, want := range map[string]string{"HWM": "hwm", "HWMDrops": "hwmDrops", "SentBytes": "sentBytes", "N": "n", "EventsLost": "eventsLost", "Full": "full"} {
		if got := Name(field); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
}

func TestTitle(t *testing.T) {
	for want, got := range map[string]string{
		`a.B "n" (up)`: Title("a.B", "n", "up"), "a.B (up)": Title("a.B", "", "up"), `a.B "n"`: Title("a.B", "n", ""), "a.B": Title("a.B", "", ""),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
