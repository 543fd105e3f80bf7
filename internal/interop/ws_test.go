//go:build interop

package interop

import (
	"fmt"
	"testing"
)

// TestInteropWS plays every legal pair of types over WebSocket, with either side ours
// and either side bound.
func TestInteropWS(t *testing.T) {
	ext := startPeer(t)
	for _, p := range pairings {
		for _, by := range []pair{{ours{}, theirs{ext}}, {theirs{ext}, ours{}}} {
			for _, leftBinds := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s-%s/%s/leftBinds=%v", p.left, p.right, by.name(), leftBinds), func(t *testing.T) {
					left, right := p.join(t, by, leftBinds, "ws://127.0.0.1:*/path")
					p.play(t, left, right)
				})
			}
		}
	}
}
