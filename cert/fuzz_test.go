package cert

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"testing/fstest"
	"time"
)

// FuzzStore changes the files of a store, three bytes an order: which file, what becomes of
// it, and of whom. A content that the fuzzer makes up is among what a file may hold. After
// each look the store trusts exactly the keys of the files that are good, or were good the
// last time, and tells of every change of that.
func FuzzStore(f *testing.F) {
	var texts [][]byte
	var keys []string
	for range 3 {
		c, err := New()
		if err != nil {
			f.Fatal(err)
		}
		text, err := c.EncodePublic()
		if err != nil {
			f.Fatal(err)
		}
		texts, keys = append(texts, text), append(keys, c.Public())
	}
	f.Add([]byte("\x00\x00\x00\x01\x00\x01\x00\x02\x00\x00\x01\x00"), []byte("not a certificate"))
	f.Add([]byte("\x00\x00\x00\x01\x00\x00\x00\x00\x01\x01\x03\x00\x02\x01\x02"), texts[0][:len(texts[0])-9])
	f.Fuzz(func(t *testing.T, orders, odd []byte) {
		if len(orders) > 150 {
			return
		}
		fsys := fstest.MapFS{}
		s, err := NewFSStore(fsys)
		if err != nil {
			t.Fatal(err)
		}
		told := map[string]bool{}
		s.OnChange(func(c Change) {
			for _, x := range c.Added {
				told[x] = true
			}
			for _, x := range c.Removed {
				delete(told, x)
			}
		})
		names := []string{"a", "b", "sub/c", ".hidden", "d" + secretSuffix}
		good := map[string]string{} // the key that each file had when it was last good
		for i := 0; i+2 < len(orders); i += 3 {
			name, who := names[int(orders[i])%len(names)], int(orders[i+2])%len(texts)
			when := time.Unix(int64(i), 0)
			switch orders[i+1] % 4 {
			case 0:
				fsys[name] = &fstest.MapFile{Data: texts[who], Mode: 0o644, ModTime: when}
			case 1:
				fsys[name] = &fstest.MapFile{Data: bytes.Clone(odd), Mode: 0o600, ModTime: when}
			case 2:
				delete(fsys, name)
			case 3:
				fsys[name] = &fstest.MapFile{Data: texts[who][:len(texts[who])/2], Mode: 0o644, ModTime: when}
			}
			s.Reload()
			want := map[string]bool{}
			for name := range good {
				if file := fsys[name]; file == nil {
					delete(good, name)
				}
			}
			for name, file := range fsys {
				if name == ".hidden" || name == "d"+secretSuffix {
					continue
				}
				if c, err := parse(bytes.Clone(file.Data)); err == nil {
					good[name] = c.Public()
				}
			}
			for _, key := range good {
				want[key] = true
			}
			var got []string
			for c := range s.All() {
				got = append(got, c.Public())
				if c.HasSecret() {
					t.Fatal("the store has a secret key")
				}
			}
			slices.Sort(got)
			if expected := slices.Sorted(maps.Keys(want)); !slices.Equal(got, expected) || !slices.Equal(slices.Sorted(maps.Keys(told)), expected) {
				t.Fatalf("trusts %q, told of %q, want %q", got, slices.Sorted(maps.Keys(told)), expected)
			}
			for _, key := range keys {
				if _, ok := s.Lookup(key); ok != want[key] {
					t.Fatalf("lookup of %s: %v", key, ok)
				}
			}
		}
	})
}
