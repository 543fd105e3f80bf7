//go:build !race

package security

// everyBit is the distance between the bits that TestBitFlips turns: all of them.
const everyBit = 1
