package clone

import (
	"bytes"
	"testing"
	"time"
)

// check compares a table's sums with what is in it, and with its bounds.
func (t *table) check(tb testing.TB) {
	tb.Helper()
	var size int64
	for key, e := range t.entries {
		if key != e.key || len(e.value) == 0 || e.seq == 0 || e.seq > t.seq {
			tb.Fatalf("entry %q: %+v, at %d", key, e, t.seq)
		}
		size += e.size()
	}
	if size != t.bytes || size > t.c.bytes || len(t.entries) > t.c.keys || len(t.seen) != len(t.order) {
		tb.Fatalf("%d bytes, counted %d; %d keys; %d UUIDs, %d in order", size, t.bytes, len(t.entries), len(t.seen), len(t.order))
	}
}

// An update that is said again is applied once, also when another came between: then the
// answer is what the key has now.
func TestSaidAgain(t *testing.T) {
	c, err := newConfig(aServer, nil)
	if err != nil {
		t.Fatal(err)
	}
	tab := newTable(c)
	now := time.Now()
	set := func(uuid byte, value string) string {
		out, err := tab.apply(now, keyValue("k", 0, bytes.Repeat([]byte{uuid}, uuidSize), nil, []byte(value)))
		if err != nil {
			t.Fatal(err)
		}
		tab.check(t)
		if out[2][0] != uuid {
			t.Errorf("the answer to %d is for %d", uuid, out[2][0])
		}
		return string(out[4])
	}
	if got := set(1, "first") + set(2, "second") + set(1, "first"); got != "firstsecondsecond" {
		t.Errorf("published %s", got)
	}
	if v := tab.entries["k"].value; string(v) != "second" {
		t.Errorf("it has %s", v)
	}
}

// No more UUIDs are remembered than the bound, the newest ones.
func TestRememberedUUIDs(t *testing.T) {
	c, _ := newConfig(aServer, nil)
	tab := newTable(c)
	name := func(n int) string { return string(append(make([]byte, uuidSize-3), byte(n>>16), byte(n>>8), byte(n))) }
	for n := range remembered + 10 {
		tab.remember(name(n))
	}
	tab.check(t)
	if len(tab.seen) != remembered || tab.repeated(name(9)) || !tab.repeated(name(10)) || !tab.repeated(name(remembered+9)) {
		t.Errorf("%d are remembered", len(tab.seen))
	}
}

// What comes from the network never panics, and keeps to the bounds.
func FuzzTable(f *testing.F) {
	f.Add([]byte("k\x0012345678\x001234567890123456\x00ttl=3\n\x00value\xffk\x0012345678\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := newConfig(aServer, []Option{WithLimits(5, 100)})
		if err != nil {
			t.Fatal(err)
		}
		tab := newTable(c)
		now := time.Unix(0, 0)
		for update := range bytes.SplitSeq(data, []byte{0xff}) {
			_, _ = tab.apply(now, bytes.Split(update, []byte{0}))
			tab.check(t)
			now = now.Add(time.Second)
			tab.expire(now)
			tab.check(t)
		}
	})
}
