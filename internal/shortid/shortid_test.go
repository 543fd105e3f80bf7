package shortid

import (
	"testing"

	"github.com/go-zactor/zactor/cert"
)

func TestShort(t *testing.T) {
	c, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		Key(c.Public()):                     c.Fingerprint(),
		Key("no key"):                       "unusable",
		Node([16]byte{0xAB, 0xCD, 0xEF, 1}): "ABCDEF",
	} {
		if got != want {
			t.Errorf("short form %q, want %q", got, want)
		}
	}
	if got := Key(""); got != "" {
		t.Errorf("no key is %q", got)
	}
}
