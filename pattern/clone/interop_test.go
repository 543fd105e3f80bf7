//go:build interop

package clone_test

import (
	"context"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/pattern/clone"
)

// A client in Python, on libzmq, by the frames of RFC 12.
func TestInteropPython(t *testing.T) {
	at := base(t)
	s, err := clone.NewServer(clone.WithBind(at), beats)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	c, err := clone.NewClient(ctx, []string{at}, beats)
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{"/a/1": "one", "/b/1": "other"} {
		if err := c.Set(ctx, key, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	host, port, _ := strings.Cut(strings.TrimPrefix(at, "tcp://"), ":")
	proc.Python("testdata/chp.py")(t, host, port, "/a/", "/a/2", "two").Want("snapshot /a/1 one\npublished /a/2 two\n")
	for e := range c.Events(ctx) {
		if e.Key == "/a/2" && string(e.Value) == "two" {
			break
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	c.Close()
}
