package zmq

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"testing"
)

// UpdateDocs says that tests write the pages that they otherwise compare.
var UpdateDocs = flag.Bool("update", false, "write the generated pages of docs/ anew")

// CheckDoc fails when a page of docs/ is not what it should be, or writes it.
func CheckDoc(t *testing.T, name string, want []byte) {
	t.Helper()
	path := "../docs/" + name
	if *UpdateDocs {
		if err := os.MkdirAll("../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	a, b := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || !bytes.Equal(a[i], b[i]) {
			t.Fatalf("%s is stale from line %d on: go test ./zmq -run %s -update", path, i+1, t.Name())
		}
	}
}

// OptionNames are the names of all options that can be set by one value, and what
// type they are.
func OptionNames() (names []string) {
	for _, row := range optionTable {
		if row.set != nil {
			names = append(names, row.name)
		}
	}
	return names
}

// OptionInfo is what the table says of an option.
func OptionInfo(name string) (def any, types []Type, rule string) {
	row := optionByName(name)
	return row.def, row.types, row.rule
}

func cell(v any) string {
	if v == nil || v == "" {
		return ""
	}
	return fmt.Sprint(v)
}
