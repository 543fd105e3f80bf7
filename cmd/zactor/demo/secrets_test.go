package demo

import (
	"bytes"
	"encoding/hex"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/cert"
)

// Whatever the demo shows, in any view, no secret key is in it; and nothing of the
// keys is left on the disk.
func TestNoSecretIsShown(t *testing.T) {
	for name, view := range map[string]func(io.Writer) view{
		"plain": func(out io.Writer) view { return &plainView{out: out} },
		"json":  func(out io.Writer) view { return newJSONView(out) },
		"live": func(out io.Writer) view {
			return &liveView{out: out, size: func() (int, int, error) { return 1000, 100, nil }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			b := played(t, view(&out))
			text := out.String()
			if len(b.keys.certs) != 5 { // boss, two nodes, stranger, python
				t.Errorf("%d keys", len(b.keys.certs))
			}
			for name, c := range b.keys.certs {
				if form := leaked(text, c); form != "" {
					t.Errorf("the secret key of %s is shown in %s", name, form)
				}
				if secret := secretOf(t, c); leaked(text+secret, c) == "" {
					t.Error("the test would not see it")
				}
			}
			if _, err := os.Stat(b.keys.dir); !os.IsNotExist(err) {
				t.Errorf("%s is still there: %v", b.keys.dir, err)
			}
		})
	}
}

// played runs the whole play, with an invitation, in a view.
func played(t *testing.T, v view) *boss {
	t.Helper()
	o, err := Options{Nodes: 2, Duration: time.Second, Open: true}.complete()
	if err != nil {
		t.Fatal(err)
	}
	b, err := newBoss(t.Context(), o, v)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	if info, err := os.Stat(b.keys.dir); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the keys are for others to see: %v, %v", info.Mode(), err)
	}
	if err := b.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := b.summary()
	v.summary(s)
	if len(s.Failed) > 0 {
		t.Errorf("failed: %q", s.Failed)
	}
	return b
}

func secretOf(t *testing.T, c *cert.Cert) string {
	t.Helper()
	key := c.SecretKey().Expose()
	text, err := cert.EncodeZ85(key[:])
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// leaked is the form in which a text has the certificate's secret key, or "".
func leaked(text string, c *cert.Cert) string {
	key := c.SecretKey().Expose()
	z85, _ := cert.EncodeZ85(key[:])
	switch {
	case strings.Contains(text, z85):
		return "Z85"
	case strings.Contains(strings.ToLower(text), hex.EncodeToString(key[:])):
		return "hex"
	case strings.Contains(text, string(key[:])):
		return "bytes"
	}
	return ""
}
