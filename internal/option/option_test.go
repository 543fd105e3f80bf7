package option

import (
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/logs"
)

type config struct {
	n   int
	d   time.Duration
	log logs.Logger
}

var (
	errOption = errors.New("pkg: invalid option")
	options   = Of[config](errOption)
)

func number(c *config) *int             { return &c.n }
func span(c *config) *time.Duration     { return &c.d }
func logger(c *config) *logs.Logger     { return &c.log }
func failing(*config) error             { return errors.New("nil filter") }
func between(n int) func(*config) error { return Between(options, "port", n, 1, 9, number) }

// What breaks its rule changes nothing, and the error names option, value and rule.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		option func(*config) error
		want   string // "": it is taken
	}{
		{between(1), ""}, {between(9), ""},
		{between(0), "pkg: invalid option: port 0: must be 1 to 9"},
		{between(10), "pkg: invalid option: port 10: must be 1 to 9"},
		{AtLeast(options, "queue", 1, 1, number), ""},
		{Above(options, "timeout", 1, 0, span), ""},
		{Above(options, "timeout", 0, 0, span), "pkg: invalid option: timeout 0s: must be above 0s"},
		{AtLeast(options, "queue", 0, 1, number), "pkg: invalid option: queue 0: must be at least 1"},
		{Between(options, "bar", 2*time.Hour, 10*time.Millisecond, time.Hour, span), "pkg: invalid option: bar 2h: must be 10ms to 1h"},
		{AtLeast(options, "expiry", 90*time.Second, 2*time.Minute, span), "pkg: invalid option: expiry 1m30s: must be at least 2m"},
		{AtLeast(options, "expiry", 0, 10*time.Hour+10*time.Minute, span), "pkg: invalid option: expiry 0s: must be at least 10h10m"},
		{Set(7, number), ""},
		{options.Try(failing), "pkg: invalid option: nil filter"},
		{Slog(options, nil, logger), "pkg: invalid option: nil logger"},
		{Zerolog(zerolog.Nop(), logger), ""},
	} {
		got := config{n: -1, d: -1}
		err := c.option(&got)
		switch {
		case c.want == "" && err != nil:
			t.Error(err)
		case c.want != "" && (err == nil || err.Error() != c.want || !errors.Is(err, errOption)):
			t.Errorf("got %v, want %s", err, c.want)
		case c.want != "" && got != (config{n: -1, d: -1}):
			t.Errorf("%s: and yet it was taken", c.want)
		}
	}
}

// The first option that fails ends it, and those before it hold.
func TestApply(t *testing.T) {
	type named func(*config) error
	var c config
	err := Apply(&c, []named{between(3), between(12), between(4)})
	if !errors.Is(err, errOption) || c.n != 3 {
		t.Errorf("got %v, and %d", err, c.n)
	}
	if err := Apply(&c, []named{between(5), between(6)}); err != nil || c.n != 6 {
		t.Errorf("got %v, and %d", err, c.n)
	}
}
