package logs

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestCatalogue(t *testing.T) {
	list := Events.Entries()
	if len(list) != len(table) || !slices.IsSortedFunc(list, func(a, b Entry) int { return int(a.ID) - int(b.ID) }) {
		t.Error("the entries are not all there, or not in order")
	}
	for _, e := range list {
		if got, ok := Events.Lookup(e.ID); !ok || got != e {
			t.Errorf("%v is not found", e.ID)
		}
		for _, text := range []string{e.Meaning, e.Cause, e.Remedy} {
			if !strings.HasSuffix(text, ".") || text[:1] != strings.ToUpper(text[:1]) {
				t.Errorf("%v: %q is no sentence", e.ID, text)
			}
		}
	}
}

func TestID(t *testing.T) {
	if got := AuthMalformed.String(); got != "ZA0101" {
		t.Errorf("written as %s", got)
	}
	for s, want := range map[string]ID{"ZA0101": 101, "za9999": 9999, "ZA101": 0, "0101": 0, "ZA-101": 0, "ZA00101": 0, "": 0} {
		if id, ok := ParseID(s); ok != (want != 0) || ok && id != want {
			t.Errorf("ParseID(%q) is %d, %v", s, id, ok)
		}
	}
}

func TestFlawsOfATable(t *testing.T) {
	good := Entry{101, Warn, "title", "M.", "C.", "R."}
	for name, list := range map[string][]Entry{
		"twice":  {good, good},
		"small":  {{99, Warn, "title", "M.", "C.", "R."}},
		"level":  {{101, 9, "title", "M.", "C.", "R."}},
		"title":  {{101, Warn, "title.", "M.", "C.", "R."}},
		"remedy": {{101, Warn, "title", "M.", "C.", ""}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: taken", name)
				}
			}()
			NewCatalogue(list...)
		}()
	}
}

func TestLog(t *testing.T) {
	var b bytes.Buffer
	l := Logger{}.Zerolog(zerolog.New(&b))
	l.Log(AuthMalformed, Str("a", "b"))
	l.Log(9999)
	want := `{"level":"warn","event":"ZA0101","a":"b","message":"authentication request malformed"}
{"level":"warn","event":"ZA9999","message":"event without an entry"}
`
	if b.String() != want {
		t.Errorf("written\n%swant\n%s", b.String(), want)
	}
}
