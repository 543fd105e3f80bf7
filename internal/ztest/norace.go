//go:build !race

package ztest

// Race reports whether the race detector is there, which makes stacks larger.
const Race = false
