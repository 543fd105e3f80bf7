package zmq_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// A flood of subscriptions ends at a limit, does not hold others up, and is
// forgotten with the one that sent it.
func TestHostileTopics(t *testing.T) {
	f := newFortress(t, zmq.XPub, zmq.WithRecvHWM(1000))
	f.serveHonest()
	subscribe := func(from, n int) (b []byte) {
		for i := from; i < from+n; i++ {
			b = wire.AppendSubscribe(b, wire.V31, binary.BigEndian.AppendUint64([]byte("flood"), uint64(i)))
		}
		return b
	}
	n := ztest.Size(5_000, 1_000_000)
	cutAfter(t, "tcp", f.addr, append(speakerHello("SUB"), subscribe(0, 1000)...)) // what is made once
	before := ztest.Measure()
	for range 2 {
		cutAfter(t, "tcp", f.addr, append(speakerHello("SUB"), subscribe(0, n)...))
		f.thriving()
	}
	notices := 0
	for err := error(nil); err == nil; notices++ {
		_, err = f.s.TryRecv()
	}
	if notices < min(n, 400_000) { // there is no room for more at a time: see Stats.ReportBytes
		t.Errorf("told of %d subscriptions and cancellations", notices)
	}
	ztest.Eventually(t, "the memory is free again", func() bool { return ztest.Measure().Heap < before.Heap+4<<20 })
	refuses := func(name string, data []byte, n uint64) {
		was := f.s.Stats().TopicsRefused
		cutAfter(t, "tcp", f.addr, append(speakerHello("SUB"), data...))
		ztest.Eventually(t, name+" is not entered", func() bool { return f.s.Stats().TopicsRefused == was+n })
		f.thriving()
	}
	for name, data := range map[string][]byte{
		"10 MB in a command": wire.AppendSubscribe(nil, wire.V31, make([]byte, 10<<20)),
		"10 MB in a message": wire.AppendSubscribe(nil, wire.V30, make([]byte, 10<<20)),
		"just too long":      wire.AppendSubscribe(nil, wire.V31, make([]byte, 8<<10+1)),
	} {
		refuses(name, data, 1)
	}
	ztest.Eventually(t, "the memory is free again", func() bool { return ztest.Measure().Heap < before.Heap+4<<20 })
	if ztest.Full() {
		refuses("a million and one", subscribe(0, 1_000_001), 1)
		refuses("more than 64 MiB", manyTopics(9000), 9000-8192)
	}
	// Taking back what was never subscribed to does nothing at all.
	cutAfter(t, "tcp", f.addr, append(speakerHello("SUB"), bytes.Repeat(wire.AppendCancel(nil, wire.V31, nil), 10_000)...))
	f.thriving()
}

// An application that never receives from its XPUB is told later, or not at all: what
// it has not been told is bounded.
func TestHostileTopicsUntold(t *testing.T) {
	f := newFortress(t, zmq.XPub)
	f.serveHonest()
	topic := make([]byte, 8000)
	again := append(wire.AppendSubscribe(nil, wire.V31, topic), wire.AppendCancel(nil, wire.V31, topic)...)
	before := ztest.Measure()
	for range 5 { // 80 MB in all
		cutAfter(t, "tcp", f.addr, append(speakerHello("SUB"), bytes.Repeat(again, 1000)...))
	}
	f.thriving()
	if after := ztest.Measure(); after.Heap > before.Heap+100<<20 {
		t.Errorf("before %+v, after %+v", before, after)
	}
	if n := f.s.Stats().Drops.HWM; n < 1000 {
		t.Errorf("%d notices were dropped", n)
	}
	for err := error(nil); err == nil; {
		_, err = f.s.TryRecv()
	}
	cutAfter(t, "tcp", f.addr, append(speakerHello("SUB"), again...))
	for _, first := range []byte{1, 0} {
		if m, err := f.s.TryRecv(); err != nil || m.Frames[0][0] != first || len(m.Frames[0]) != 8001 {
			t.Errorf("told %d, %v", m.Size(), err)
		}
	}
}

// manyTopics are subscriptions of nearly 8 KiB.
func manyTopics(n int) (b []byte) {
	topic := make([]byte, 8<<10)
	for i := range n {
		binary.BigEndian.PutUint32(topic, uint32(i))
		b = wire.AppendSubscribe(b, wire.V31, topic)
	}
	return b
}
