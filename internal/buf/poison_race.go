//go:build race

package buf

// Poison overwrites released bytes, so that a use after Release shows in tests
// that run under the race detector.
func Poison(b []byte) {
	for i := range b {
		b[i] = 0xDB
	}
}
