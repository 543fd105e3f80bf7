//go:build linux

package beacon

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func init() { roles["storm"] = roleStorm }

// What a storm of another process costs this one: processor time, memory, and whether a
// peer is still heard. It needs two processors and is a measurement, so it runs at full
// size only; what must hold anywhere is asserted.
func TestStormCost(t *testing.T) {
	if os.Getenv("ZACTOR_FULL") != "1" {
		t.Skip("a measurement of some seconds: ZACTOR_FULL=1")
	}
	port := loopback(t)
	b := local(t, port)
	heard := listen(t, b)
	peer := newBeacon(t, WithLoopback(true), WithPort(port))
	publish(t, peer, "honest", 200*time.Millisecond)
	heard.expect("honest")

	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), proc.AsRole("storm"), "PORT="+strconv.Itoa(port))
	child.Stderr = os.Stderr
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, cpu := time.Now(), cpuTime(t)
	out, err := child.Output()
	if err != nil {
		t.Fatal(err)
	}
	took, used := time.Since(start), cpuTime(t)-cpu
	runtime.GC()
	runtime.ReadMemStats(&after)
	s := b.Stats()
	t.Logf("storm: %s", out)
	t.Logf("in %v: %v of processor time (%.1f %% of one), heap %+d KiB, %d read, %d accepted, %d pauses", took, used,
		100*used.Seconds()/took.Seconds(), (int64(after.HeapAlloc)-int64(before.HeapAlloc))/1024, s.Received, s.Accepted, s.Pauses)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	for string(heard.signal().Data) != "honest" { // behind what is left of the storm
	}
}

func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// roleStorm sends as fast as it can for three seconds, from many addresses.
func roleStorm() error {
	port, err := strconv.Atoi(os.Getenv("PORT"))
	if err != nil {
		return err
	}
	var conns []*net.UDPConn
	for i := range 200 {
		c, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 9, byte(i), 1)}, &net.UDPAddr{IP: net.IPv4(127, 255, 255, 255), Port: port})
		if err != nil {
			return err
		}
		defer c.Close()
		conns = append(conns, c)
	}
	payload := make([]byte, zreSize1)
	sent := 0
	start := time.Now()
	for time.Since(start) < 3*time.Second {
		if _, err := conns[sent%len(conns)].Write(payload); err == nil {
			sent++
		}
	}
	fmt.Printf("%d datagrams, %.0f a second", sent, float64(sent)/time.Since(start).Seconds())
	return nil
}
