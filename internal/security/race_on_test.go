//go:build race

package security

// everyBit is the distance between the bits that TestBitFlips turns: under the
// race detector a key agreement takes ten times as long.
const everyBit = 7
