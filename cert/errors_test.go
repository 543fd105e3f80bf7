package cert

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Every error says once that it is of this package, and can be asked for its cause.
func TestErrorsNameThePackageOnce(t *testing.T) {
	c := newCert(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "bad"), "curve\n    public-key = \"short\"\n")
	for name, test := range map[string]struct {
		f    func() error
		want error
	}{
		"Z85":       {func() error { _, err := DecodeZ85("x"); return err }, ErrZ85},
		"ZPL":       {func() error { _, err := ParseZPL([]byte("a {")); return err }, ErrZPL},
		"parse":     {func() error { _, err := Parse([]byte("curve\n    public-key = \"short\"\n")); return err }, ErrMalformed},
		"key":       {func() error { _, err := FromPublic("short"); return err }, ErrZ85},
		"zero":      {func() error { _, err := FromSecret([32]byte{}); return err }, ErrInvalidKey},
		"no secret": {func() error { return c.withoutSecret().Verify() }, ErrNoSecret},
		"save":      {func() error { return c.withoutSecret().SaveSecret(filepath.Join(dir, "x")) }, ErrNoSecret},
		"load":      {func() error { _, err := Load(filepath.Join(dir, "bad")); return err }, ErrMalformed},
		"inner":     {func() error { _, err := Load(filepath.Join(dir, "bad")); return err }, ErrZ85},
		"public":    {func() error { _, err := LoadPublic(filepath.Join(dir, "none")); return err }, fs.ErrNotExist},
		"meta":      {func() error { return c.SetMeta("a b", "") }, ErrUnsafe},
		"option":    {func() error { _, err := NewDirStore(t.Context(), dir, WithPoll(0)); return err }, ErrInvalidOption},
		"logger":    {func() error { _, err := NewDirStore(t.Context(), dir, WithSlog(nil)); return err }, ErrInvalidOption},
	} {
		err := test.f()
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
			continue
		}
		if n := strings.Count(err.Error(), "cert: "); n != 1 || !strings.HasPrefix(err.Error(), "cert: ") {
			t.Errorf("%s: %q", name, err)
		}
	}
}

func TestDirStoreEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := NewDirStore(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-s.life.Done()
	if err := errors.Join(s.Shutdown(t.Context()), s.Close()); err != nil {
		t.Error(err)
	}
}
