package cert

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/curve25519"
)

func newCert(t testing.TB, meta ...string) *Cert {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(meta); i += 2 {
		if err := c.SetMeta(meta[i], meta[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestNewMakesPairs(t *testing.T) {
	seen := make(map[string]bool)
	for range 20 {
		c := newCert(t)
		secret, public := c.SecretKey().Expose(), c.PublicKey()
		want, err := curve25519.X25519(secret[:], curve25519.Basepoint)
		if err != nil || [32]byte(want) != public {
			t.Fatalf("public key %x, want %x, %v", public, want, err)
		}
		if err := c.Verify(); err != nil {
			t.Error(err)
		}
		back, err := DecodeZ85(c.Public())
		if err != nil || [32]byte(back) != public || len(c.Public()) != 40 {
			t.Errorf("public text %q is %x, %v", c.Public(), back, err)
		}
		if seen[c.Public()] {
			t.Error("the same key twice")
		}
		seen[c.Public()] = true
	}
}

// The key pairs of RFC 7748, section 6.1.
func TestKnownPairs(t *testing.T) {
	for secret, public := range map[string]string{
		"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a": "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
		"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb": "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
	} {
		key, err := hex.DecodeString(secret)
		if err != nil {
			t.Fatal(err)
		}
		c, err := FromSecret([32]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.PublicKey(); hex.EncodeToString(got[:]) != public {
			t.Errorf("public key of %s is %x, want %s", secret, got, public)
		}
	}
}

func TestFromKeys(t *testing.T) {
	c := newCert(t)
	secret := keyText(c.SecretKey().Expose())
	full, err := FromKeys(c.Public(), secret)
	if err != nil || !full.Equal(c) || !full.HasSecret() {
		t.Errorf("from both keys: %v, %v", full, err)
	}
	public, err := FromPublic(c.Public())
	if err != nil || public.HasSecret() || public.Public() != c.Public() {
		t.Errorf("from the public key: %v, %v", public, err)
	}
	if err := public.Verify(); !errors.Is(err, ErrNoSecret) {
		t.Errorf("verifying a public certificate: %v, want %v", err, ErrNoSecret)
	}
	zero := strings.Repeat("0", 40)
	for name, test := range map[string]struct {
		public, secret string
		want           error
	}{
		"another's secret":  {newCert(t).Public(), secret, ErrMismatch},
		"no secret":         {c.Public(), zero, ErrNoSecret},
		"zero":              {zero, secret, ErrInvalidKey},
		"short":             {c.Public()[:35], secret, ErrZ85},
		"long":              {c.Public() + "00000", secret, ErrZ85},
		"not Z85":           {c.Public()[:39] + "~", secret, ErrZ85},
		"short secret":      {c.Public(), secret[:35], ErrZ85},
		"no secret at all":  {c.Public(), "", ErrZ85},
		"nothing":           {"", "", ErrZ85},
		"swapped":           {secret, c.Public(), ErrMismatch},
		"overflowing group": {c.Public()[:35] + "#####", secret, ErrZ85},
	} {
		if got, err := FromKeys(test.public, test.secret); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, test.want)
		}
	}
	if _, err := FromSecret([32]byte{}); !errors.Is(err, ErrInvalidKey) {
		t.Errorf("from a secret of zeros: %v, want %v", err, ErrInvalidKey)
	}
}

// The points of order 1, 2, 4 and 8, and the encodings above the prime that mean
// the same: with them, a shared secret would be zero for everybody.
func TestLowOrderKeysAreRefused(t *testing.T) {
	for _, text := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		point, _ := hex.DecodeString(text)
		for _, top := range []byte{0, 0x80} { // X25519 ignores the highest bit
			point[31] |= top
			z85 := keyText([32]byte(point))
			if _, err := FromPublic(z85); !errors.Is(err, ErrInvalidKey) {
				t.Errorf("%x as a public key: %v, want %v", point, err, ErrInvalidKey)
			}
			if _, err := Parse([]byte("curve\n    public-key = \"" + z85 + "\"\n")); !errors.Is(err, ErrInvalidKey) {
				t.Errorf("%x in a file: %v, want %v", point, err, ErrInvalidKey)
			}
		}
	}
}

func TestMetaKeepsItsOrder(t *testing.T) {
	c := newCert(t, "z", "1", "a", "2", "m", "3")
	if err := c.SetMeta("z", "changed"); err != nil {
		t.Fatal(err)
	}
	c.UnsetMeta("a")
	c.UnsetMeta("never there")
	if err := c.SetMeta("a", "late"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for name, value := range c.AllMeta() {
		got = append(got, name+"="+value)
	}
	if want := []string{"z=changed", "m=3", "a=late"}; !slices.Equal(got, want) {
		t.Errorf("metadata %v, want %v", got, want)
	}
	for range c.AllMeta() {
		break
	}
	if value, ok := c.Meta("m"); value != "3" || !ok {
		t.Errorf("m is %q, %v", value, ok)
	}
	if value, ok := c.Meta("none"); value != "" || ok {
		t.Errorf("none is %q, %v", value, ok)
	}
}

func TestMetaRefusesWhatNoFileCanHold(t *testing.T) {
	c := newCert(t)
	for _, test := range [][2]string{
		{"", "x"}, {"a b", "x"}, {"/a", "x"}, {"a\n", "x"}, {"a=", "x"}, {"ü", "x"}, {strings.Repeat("n", 256), "x"},
		{"a", "x\ncurve\n    public-key = y"}, {"a", "x\r"}, {"a", "x\x00"}, {"a", "\x7f"}, {"a", `both " and '`},
	} {
		if err := c.SetMeta(test[0], test[1]); !errors.Is(err, ErrUnsafe) {
			t.Errorf("%.20q = %q: %v, want %v", test[0], test[1], err, ErrUnsafe)
		}
	}
	for range c.AllMeta() {
		t.Error("a refused value was set")
	}
	for _, value := range []string{"", " ", "it's", `"so"`, "# no comment", "a\tb", "é", "\xff"} {
		if err := c.SetMeta("ok", value); err != nil {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestCloneAndEqual(t *testing.T) {
	c := newCert(t, "name", "x")
	clone := c.Clone()
	if !clone.Equal(c) || !c.Equal(clone) {
		t.Error("a clone is not equal")
	}
	if err := clone.SetMeta("name", "y"); err != nil {
		t.Fatal(err)
	}
	if value, _ := c.Meta("name"); value != "x" || clone.Equal(c) {
		t.Error("a clone shares its metadata")
	}
	clone = c.Clone()
	clone.SecretKey().Clear()
	if !c.HasSecret() || clone.Equal(c) {
		t.Error("a clone shares its secret")
	}
	if c.Equal(newCert(t, "name", "x")) {
		t.Error("two keys are equal")
	}
}

func TestFingerprint(t *testing.T) {
	c, err := FromPublic("ph+{E}!&X?9}!I]W{sm(nL8@&3Yu{wC+<*-5Y[[#")
	if err != nil {
		t.Fatal(err)
	}
	// printf 4e6f87...6e0b | xxd -r -p | sha256sum | cut -c1-8
	if got := c.Fingerprint(); got != "7e1cbcfa" || c.String() != "cert "+got || c.GoString() != "cert "+got {
		t.Errorf("fingerprint %q, %v", got, c)
	}
}
