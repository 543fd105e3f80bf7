package wire

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// vectors are the parts of testdata/vectors.json that concern this package.
type vectors struct {
	Frames  map[string]string `json:"zmtp_frames"`
	Reject  map[string]string `json:"zmtp_must_reject"`
	Special map[string]string `json:"zmtp_special"`
}

func loadVectors(tb testing.TB) vectors {
	tb.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		tb.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		tb.Fatal(err)
	}
	return v
}

// bytesOf returns a vector by name and fails if there is none of that name.
func bytesOf(tb testing.TB, from map[string]string, name string) []byte {
	tb.Helper()
	text, ok := from[name]
	if !ok {
		tb.Fatalf("no vector %q", name)
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		tb.Fatalf("vector %q: %v", name, err)
	}
	return b
}
