package wire

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/vectors"
)

// outcome runs a NULL handshake over input in pieces and describes the result.
func outcome(input []byte, size int, secure bool) (text string, h *Handshake) {
	cfg := dealer(nullScript())
	cfg.Secure = secure
	h = NewHandshake(cfg)
	n, err := feedAll(h, input, size)
	return fmt.Sprint(n, h.Phase(), err, h.Output(), h.Result()), h
}

func FuzzGreeting(f *testing.F) {
	v := vectors.Load(f)
	for _, from := range []map[string]string{v.Frames, v.Reject} {
		for name := range from {
			f.Add(vectors.Named(f, from, name), 1, false)
			f.Add([]byte(greeting3+nullTail+string(vectors.Named(f, from, name))), 3, true)
		}
	}
	f.Add([]byte(greeting3+nullTail+readyFrame), 7, false)
	f.Fuzz(func(t *testing.T, input []byte, size int, secure bool) {
		whole, h := outcome(input, len(input)+1, secure)
		if pieces, _ := outcome(input, max(size, 1), secure); pieces != whole {
			t.Fatalf("in pieces of %d: %s, at once: %s", size, pieces, whole)
		}
		if cap(h.buf) > 2*len(input)+64 {
			t.Fatalf("%d bytes of input, a buffer of %d", len(input), cap(h.buf))
		}
		if secure && h.Phase() == Ready && h.Result().Version < V30 {
			t.Fatalf("downgraded to %v", h.Result().Version)
		}
		if h.Phase() != Ready {
			return
		}
		// Traffic after the end is never touched.
		again, _ := outcome(append(bytes.Clone(input), "traffic"...), len(input)+7, secure)
		if again != whole {
			t.Fatalf("%s became %s with traffic behind it", whole, again)
		}
	})
}
