package link

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/go-zactor/zactor/internal/queue"
)

// diary is a Handler that notes what it is told, and answers one of the questions with no.
type diary struct {
	Nobody
	name, no string
	notes    *[]string
}

var errNo = errors.New("no")

func (d *diary) note(what string) error {
	*d.notes = append(*d.notes, d.name+" "+what)
	if d.no == what {
		return errNo
	}
	return nil
}

func (d *diary) Admit(*queue.Pipe, *Peer) error   { return d.note("admit") }
func (d *diary) Attach(*queue.Pipe, *Peer) error  { return d.note("attach") }
func (d *diary) Ready(*queue.Pipe, *Peer) error   { return d.note("ready") }
func (d *diary) Detach(_ *queue.Pipe, final bool) { _ = d.note(fmt.Sprint("detach ", final)) }

// Whatever goes wrong on the way: nobody hears of a peer before all have agreed, and who
// was asked hears the end.
func TestAttach(t *testing.T) {
	for _, c := range []struct {
		a, b    string // what each answers with no
		refused int
		want    []string
	}{
		{"", "", 0, []string{"a admit", "b admit", "a attach", "b attach", "flow", "a ready", "b ready"}},
		{"admit", "", 0, []string{"a admit", "a detach true"}},
		{"", "admit", 1, []string{"a admit", "b admit", "a detach true", "b detach false"}},
		{"attach", "", 0, []string{"a admit", "b admit", "a attach", "a detach true", "b detach false"}},
		{"", "attach", 1, []string{"a admit", "b admit", "a attach", "b attach", "a detach true", "b detach false"}},
		{"ready", "", 0, []string{"a admit", "b admit", "a attach", "b attach", "flow", "a ready", "a detach true", "b detach false"}},
		{"", "ready", 1, []string{"a admit", "b admit", "a attach", "b attach", "flow", "a ready", "b ready", "a detach true", "b detach false"}},
	} {
		var notes []string
		a := Side{Handler: &diary{name: "a", no: c.a, notes: &notes}, Peer: &Peer{Fresh: true}}
		b := Side{Handler: &diary{name: "b", no: c.b, notes: &notes}, Peer: &Peer{}}
		refused, err := Attach(func() { notes = append(notes, "flow") }, a, b)
		if refused != c.refused || (err != nil) != (c.a+c.b != "") || !slices.Equal(notes, c.want) {
			t.Errorf("a %q, b %q: refused by %d, %v\ngot  %q\nwant %q", c.a, c.b, refused, err, notes, c.want)
		}
	}
}
