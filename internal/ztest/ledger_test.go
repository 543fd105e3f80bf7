package ztest

import (
	"strings"
	"testing"
)

// Each fault that the books are there for must show.
func TestLedgerFindsFaults(t *testing.T) {
	f := &Flow{ID: 3, Seed: 9, Multi: true, Large: 4000}
	take := func(nums ...uint64) *Ledger {
		l := NewLedger()
		v := l.View(f)
		for _, n := range nums {
			v.Take(f.Frames(n, nil))
		}
		return l
	}
	cases := []struct {
		name, want string
		l          *Ledger
	}{
		{"all there", "", take(0, 1, 2, 3)},
		{"one lost", "the first one missing is 1", take(0, 2, 3)},
		{"the last lost", "the first one missing is 3", take(0, 1, 2)},
		{"doubled", "message 2 of flow 3 doubled", take(0, 1, 2, 2, 3)},
		{"out of order", "message 1 of flow 3 came after 2", take(0, 2, 1, 3)},
		{"one too many", "the highest there is 4", take(0, 1, 2, 3, 4)},
		{"nothing", "0 of 4 messages", take()},
	}
	for _, c := range cases {
		err := c.l.Complete(3, 4)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestOpenFindsDamage(t *testing.T) {
	f := &Flow{Multi: true, Large: 300}
	var multi, single [][]byte
	for num := uint64(0); multi == nil || single == nil; num++ {
		frames := f.Frames(num, nil)
		if len(frames) > 1 && len(frames[1]) > 0 {
			multi = frames
		} else if len(frames) == 1 {
			single = frames
		}
	}
	if _, _, err := Open(multi); err != nil {
		t.Fatal(err)
	}
	for i := range single[0] {
		for bit := range 8 {
			single[0][i] ^= 1 << bit
			if _, _, err := Open(single); err == nil {
				t.Errorf("bit %d of byte %d flipped unseen", bit, i)
			}
			single[0][i] ^= 1 << bit
		}
	}
	short := append([][]byte(nil), multi...)
	short[1] = short[1][1:]
	for name, frames := range map[string][][]byte{
		"a frame less": multi[:len(multi)-1], "a byte less": short, "none": nil, "a frame more": append(multi[:len(multi):len(multi)], nil),
	} {
		if _, _, err := Open(frames); err == nil {
			t.Errorf("%s: unseen", name)
		}
	}
}

// Traffic must have what the tests count on: all sizes, empty frames and messages.
func TestFlowIsVaried(t *testing.T) {
	f := &Flow{Seed: 5, Multi: true, Bare: true, Large: 100 << 10}
	l := NewLedger()
	v := l.View(f)
	var bare, empty, multi, large int
	for num := range uint64(20000) {
		frames := f.Frames(num, nil)
		size := 0
		for i, p := range frames {
			size += len(p)
			if i > 0 && len(p) == 0 {
				empty++
			}
		}
		switch {
		case size == 0:
			bare++
		case size > 8<<10:
			large++
		}
		if len(frames) > 1 {
			multi++
		}
		v.Take(frames)
	}
	if err := l.Complete(f.ID, 20000); err != nil {
		t.Error(err)
	}
	if bare < 200 || empty < 500 || multi < 3000 || large < 5 {
		t.Errorf("bare %d, empty frames %d, multipart %d, large %d", bare, empty, multi, large)
	}
}
