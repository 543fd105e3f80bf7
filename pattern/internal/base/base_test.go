package base

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/option"
	"github.com/go-zactor/zactor/zmq"
)

type conf struct {
	Config
	n int
}

var (
	errOption = errors.New("pkg: invalid option")
	options   = Of(errOption, func(c *conf) *Config { return &c.Config })
)

func TestOnly(t *testing.T) {
	opt := options.Only("WithN", option.AtLeast(options.Family, "n", 7, 1, func(c *conf) *int { return &c.n }), "NewA", "NewB")
	c := conf{Config: Config{Role: "NewB"}}
	if err := opt(&c); err != nil || c.n != 7 {
		t.Errorf("%v, %d", err, c.n)
	}
	c = conf{Config: Config{Role: "NewC"}}
	err := opt(&c)
	if !errors.Is(err, errOption) || c.n != 0 {
		t.Errorf("%v, %d", err, c.n)
	}
	for _, word := range []string{"WithN", "NewA", "NewB", "NewC"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not name %s", err, word)
		}
	}
}

// What is passed on stays as it was when it was said.
func TestSocket(t *testing.T) {
	given := []zmq.Option{zmq.WithSendHWM(1), zmq.WithSendHWM(2)}
	opt := options.Socket(given...)
	given[0] = zmq.Option{}
	var c conf
	for range 2 {
		if err := opt(&c); err != nil {
			t.Fatal(err)
		}
	}
	if err := options.Slog(slog.New(slog.DiscardHandler))(&c); err != nil {
		t.Error(err)
	}
	if len(c.Socket) != 5 {
		t.Errorf("%d options", len(c.Socket))
	}
	s, err := zmq.NewPush(t.Context(), c.Socket...)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if err := options.Slog(nil)(&c); !errors.Is(err, errOption) {
		t.Error(err)
	}
}
