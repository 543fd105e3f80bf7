package queue

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/go-zactor/zactor/internal/swap"
)

// A batch of a swap of which a part is written comes again without that part, wherever it
// was cut.
func TestSpillIsCut(t *testing.T) {
	const all = 10
	for cut := range all + 1 {
		log, err := swap.Open(swap.Config{Dir: filepath.Join(t.TempDir(), "log")})
		if err != nil {
			t.Fatal(err)
		}
		p := New(&ear{}, Limits{SendHWM: 1})
		p.SetSpill(NewSpill(log, true, false, func(err error) { t.Error(err) }))
		for i := range all {
			f := frames(fmt.Sprint(i))
			if s, _ := p.Put(nil, f, false); s != Spilled {
				t.Fatal(s)
			}
			if s, _, err := p.Spill(Encode(nil, f), 1); s != OK || err != nil {
				t.Fatal(s, err)
			}
		}
		var b Batch
		take := func(from int) {
			t.Helper()
			p.Out.Attach(func() {}, false)
			if more, _ := p.Out.Take(&b); more != (from < all) {
				t.Fatalf("cut behind %d: there is more: %v", from, more)
			}
			for i, enc := range b.Encoded() {
				if f, _ := Decode(enc); string(f[0]) != fmt.Sprint(from+i) {
					t.Fatalf("cut behind %d: message %d is %q", from, from+i, f[0])
				}
			}
		}
		take(0)
		p.Out.Restore(&b, Written{Whole: cut, Begun: cut < all}, KeepAll)
		take(cut)
		p.Out.Close()
	}
}
