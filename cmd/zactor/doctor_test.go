package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// A beacon that is sent is heard, and a node that is there is found.
func TestDoctorFinds(t *testing.T) {
	port := udpPort(t)
	node := proc.Start(t, "node", "--local", "--port", port, "--stay", "ann")
	node.Expect("^you are ann")
	well := proc.Start(t, "doctor", "--local", "--port", port, "--peer", "ann", "-t", "30s")
	well.Expect(`^ok    beacons      sent and heard on `)
	well.Expect(`^ok    peer         ann is here: node [0-9A-F]{32} at tcp://127\.0\.0\.1:`)
	well.Wait()
	lost := proc.Start(t, "doctor", "--local", "--port", port, "--no-beacon", "--peer", "bob", "-t", "300ms")
	lost.Expect(`^FAIL  peer         bob was not met in 300ms; met: `)
	node.Interrupt()
}
