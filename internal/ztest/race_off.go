//go:build !race

package ztest

// Race says that the race detector watches, which makes all of it several times slower.
const Race = false
