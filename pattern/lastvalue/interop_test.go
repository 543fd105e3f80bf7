//go:build interop

package lastvalue_test

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/pattern/lastvalue"
)

// A publisher and a subscriber in Python, on libzmq.
func TestInteropPython(t *testing.T) {
	c, at := serve(t, lastvalue.WithSourceBind("tcp://127.0.0.1:*"))
	sources, err := c.Sources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	proc.Python("testdata/lvc.py")(t, at, sources[0]).Want(
		"late a/1 one\nlate a/2 two\nlive a/1 new\nmore b other\nlive a/3 last\n")
}
