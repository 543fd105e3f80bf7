// Package arch holds a test of the architecture: imports go one way, the
// pure packages stay pure, and goroutines start only in packages that end them.
//
// The rules are the tables at the top of arch_test.go. A new folder gets its
// line in tiers there; the test fails until it has one.
package arch
