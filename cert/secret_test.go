package cert

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// traces are the forms in which a key could be seen.
func traces(key [32]byte) []string {
	list := []string{
		hex.EncodeToString(key[:]), strings.ToUpper(hex.EncodeToString(key[:])), string(key[:]), keyText(key),
		strings.Trim(fmt.Sprint(key), "[]"), strings.Trim(fmt.Sprintf("%#v", key[:])[len("[]byte{"):], "}"), fmt.Sprintf("% x", key),
	}
	short := make([]string, 0, len(list))
	for _, trace := range list {
		short = append(short, trace[:min(len(trace), 16)]) // a part is bad enough
	}
	return short
}

func TestSecretNeverShows(t *testing.T) {
	var key [32]byte
	for i := range key {
		key[i] = byte(100 + i)
	}
	c, err := FromSecret(key)
	if err != nil {
		t.Fatal(err)
	}
	s := c.SecretKey()
	type holder struct {
		Exported Secret
		hidden   Secret
		Cert     *Cert
		value    Cert
	}
	h := holder{s, s, c, *c}

	var out bytes.Buffer
	for _, value := range []any{s, &s, c, *c, h, &h, []Secret{s}, map[string]Secret{"k": s}, []any{h, c}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%T", "%p", "%08.3f"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		fmt.Fprintln(&out, value, fmt.Errorf("with %v", value))
		text, err := json.Marshal(value)
		fmt.Fprintln(&out, string(text), err)
		text, err = xml.Marshal(value)
		fmt.Fprintln(&out, string(text), err)
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "value", value)
		log := zerolog.New(&out)
		log.Info().Interface("value", value).Any("any", value).Fields(map[string]any{"f": value}).Msg("zerolog")
	}
	log := zerolog.New(&out)
	log.Info().Stringer("secret", s).Msg("")
	fmt.Fprintln(&out, s.String(), s.GoString())
	if n := strings.Count(out.String(), redacted); n < 50 {
		t.Errorf("%q was printed only %d times: does this test still print?", redacted, n)
	}
	for i, trace := range traces(key) {
		if strings.Contains(out.String(), trace) {
			t.Errorf("trace %d, %q, is in the output", i, trace)
		}
	}
}

func TestSecret(t *testing.T) {
	var none Secret
	if !none.IsZero() || none.Expose() != [32]byte{} || !NewSecret([32]byte{}).IsZero() {
		t.Error("the zero Secret is one")
	}
	none.Clear()
	key := [32]byte{1}
	a, b := NewSecret(key), NewSecret(key)
	if a.IsZero() || a.Expose() != key || !a.Equal(b) || a.Equal(none) || a.Equal(NewSecret([32]byte{2})) {
		t.Error("a Secret is not its key")
	}
	key[0] = 9
	if !a.Equal(b) {
		t.Error("a Secret shares the caller's key")
	}
	shared := a
	a.Clear()
	if !a.IsZero() || !shared.IsZero() || b.IsZero() {
		t.Errorf("cleared %v, its copy %v, another %v", a.IsZero(), shared.IsZero(), b.IsZero())
	}
}

func TestErrorsShowNoSecret(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	other, err := New()
	if err != nil {
		t.Fatal(err)
	}
	secret := keyText(c.SecretKey().Expose())
	_, first := FromKeys(other.Public(), secret)
	_, second := FromPublic(secret + "x")
	_, third := FromKeys(c.Public(), secret[:39]+"~")
	_, fourth := Parse([]byte("curve\n    public-key = \"" + c.Public() + "\"\n    secret-key = \"" + secret[:39] + "\"\n"))
	for _, err := range []error{first, second, third, fourth} {
		if err == nil || strings.Contains(err.Error(), secret[:8]) || strings.Contains(err.Error(), secret[30:38]) {
			t.Errorf("error %v", err)
		}
	}
	if !errors.Is(first, ErrMismatch) || !errors.Is(second, ErrZ85) || !errors.Is(third, ErrZ85) || !errors.Is(fourth, ErrMalformed) {
		t.Errorf("errors %v, %v, %v, %v", first, second, third, fourth)
	}
}
