package main

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-zactor/zactor/zyre"
)

// The help fits into a terminal of 80 columns, where a longer line would break its table.
func TestHelpFits(t *testing.T) {
	var b strings.Builder
	if err := writeHelp(&b); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := len(strings.TrimRight(line, "\n")); n > 79 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// The list of peers fits, too, whatever they are called, are in and say of themselves; and
// the digits that it shows are of one peer alone.
func TestPeersFit(t *testing.T) {
	var peers []zyre.Peer
	for i := range 9 {
		p := zyre.Peer{
			ID: zyre.ID{0xAB, 0xCD, 0xEF, byte(i / 3), byte(i)}, Name: strings.Repeat("é", 10*i), Endpoint: "tcp://[2001:db8:1:2::1]:40000",
			Headers: map[string]string{"X-ROLE": "camera", "X-OTHER": "a longer value"}, Evasive: i == 3,
		}
		for g := range 4 * i {
			p.Groups = append(p.Groups, fmt.Sprint("group", g))
		}
		peers = append(peers, p)
	}
	var b strings.Builder
	if err := writePeers(&b, peers); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > columns {
			t.Errorf("%d columns: %s", n, line)
		}
		if digits, _, _ := strings.Cut(line, " "); digits != "" {
			seen[digits] = true
		}
	}
	if len(seen) != len(peers) {
		t.Errorf("%d peers are told apart of %d:\n%s", len(seen), len(peers), b.String())
	}
	for _, want := range []string{"group31", "silent", "X-OTHER=a longer value"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not there:\n%s", want, b.String())
		}
	}
}
