package durable

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"syscall"
	"testing"
	"time"
)

func yield() { runtime.Gosched(); time.Sleep(10 * time.Microsecond) }

// numbered is the message of that number.
func numbered(n uint64, size int) []byte {
	return append(binary.BigEndian.AppendUint64(nil, n), bytes.Repeat([]byte{byte(n)}, size)...)
}

// reader is a subscriber: it counts as one does, and checks that what comes is what it
// counts.
type reader struct {
	t           testing.TB
	k           *kept
	number      uint64 // of the last one
	put         uint64 // on this connection
	got, missed int
}

func (r *reader) come(epoch, has uint64) {
	r.t.Helper()
	before, missed, ok := r.k.Resume(epoch, has)
	if !ok {
		r.t.Fatal("it has come already")
	}
	r.number, r.put, r.got, r.missed = before, 0, 0, int(missed)
}

// step takes one item; ok is false when there is none.
func (r *reader) step() bool {
	r.t.Helper()
	it, ok := r.k.item()
	switch {
	case !ok:
		return false
	case it.Missed > 0:
		if it.After != r.put {
			r.t.Fatalf("missed after %d of a connection, and %d have come", it.After, r.put)
		}
		r.missed += int(it.Missed)
		r.number += it.Missed
		return true
	}
	r.number++
	if n := binary.BigEndian.Uint64(it.Enc); n != r.number || !bytes.Equal(it.Enc, numbered(n, len(it.Enc)-8)) {
		r.t.Fatalf("message %d came, %d was counted", n, r.number)
	}
	r.k.Sent()
	r.put++
	r.got++
	return true
}

func (r *reader) drain() {
	r.t.Helper()
	for r.step() {
	}
}

// A subscriber comes, goes, lags, takes and is replaced at random, in memory, on disk and
// on a disk that fails at times. What comes is what was counted; without a fault what is
// missed is what the bounds say, and nothing else.
func TestModel(t *testing.T) {
	for _, where := range []string{"memory", "disk", "small disk", "bad disk"} {
		for seed := range uint64(6) {
			t.Run(fmt.Sprint(where, " seed=", seed), func(t *testing.T) { model(t, where, rand.New(rand.NewPCG(seed, 11))) })
		}
	}
}

func model(t *testing.T, where string, rnd *rand.Rand) {
	b := Bounds{Msgs: 1 + rnd.IntN(300)}
	if rnd.IntN(2) == 0 {
		b.Bytes = int64(1 + rnd.IntN(200_000))
	}
	var disk *badDisk
	size := int64(0)
	if where != "memory" {
		disk = newBadDisk()
	}
	if where == "small disk" {
		size = 50_000
	}
	k := newKept(t, b, disk, size)
	exact := where == "memory" || where == "disk"
	var sizes []int64 // of the messages that the model keeps
	first, end, bytes := uint64(1), uint64(1), int64(0)
	drop := func(to uint64) {
		for first < to && len(sizes) > 0 {
			bytes -= sizes[0]
			sizes, first = sizes[1:], first+1
		}
	}
	r := &reader{t: t, k: k}
	there, acked := false, uint64(0)
	for range 3000 {
		switch op := rnd.IntN(20); {
		case op < 10:
			n := rnd.IntN(3000)
			k.Append(numbered(end, n))
			sizes, bytes, end = append(sizes, int64(n+8)), bytes+int64(n+8), end+1
			for len(sizes) > 1 && (len(sizes) > b.Msgs || b.Bytes > 0 && bytes > b.Bytes) {
				drop(first + 1)
			}
		case op < 15 && there:
			for range rnd.IntN(20) {
				if !r.step() {
					break
				}
			}
		case op < 16 && there && r.number > acked:
			n := acked + 1 + rnd.Uint64N(r.number-acked)
			k.Taken(n)
			acked = n
			drop(n + 1)
		case op < 17 && there:
			k.Leave()
			there = false
		case op < 19 && !there:
			epoch, has := uint64(0), acked
			if rnd.IntN(2) == 0 {
				epoch, has = k.Epoch(), r.number
			}
			r.come(epoch, has)
			if want := has + uint64(r.missed); r.number != want {
				t.Fatalf("it has %d, missed %d, and goes on behind %d", has, r.missed, r.number)
			}
			if want := max(first, has+1) - has - 1; exact && uint64(r.missed) != want {
				t.Fatalf("missed %d, want %d", r.missed, want)
			}
			there = true
		case where == "bad disk":
			disk.set(func() {
				disk.write, disk.read = nil, nil
				switch rnd.IntN(4) {
				case 0:
					disk.write = syscall.ENOSPC
				case 1:
					disk.write = syscall.EIO
				case 2:
					disk.read = syscall.EIO
				}
			})
		}
		if exact && (k.Len() != len(sizes) || k.kept.End() != end) {
			t.Fatalf("%d are kept up to %d, want %d up to %d", k.Len(), k.kept.End(), len(sizes), end)
		}
	}
	if disk != nil {
		disk.set(func() { disk.write, disk.read = nil, nil })
	}
	if !there {
		r.come(k.Epoch(), r.number)
	}
	r.drain()
	if r.number != end-1 {
		t.Errorf("in the end it has %d of %d", r.number, end-1)
	}
	if where == "disk" && len(k.failures()) > 0 {
		t.Error(k.failures())
	}
	k.Taken(r.number)
	k.settled()
	if k.Len() != 0 {
		t.Errorf("%d are kept that were taken", k.Len())
	}
}

// A stream that has expired counts, and keeps nothing.
func TestExpired(t *testing.T) {
	k := newKept(t, Bounds{Msgs: 100}, newBadDisk(), 0)
	for n := uint64(1); n <= 30; n++ {
		if n == 11 {
			k.Expire()
		}
		if n == 21 {
			k.Stay()
		}
		k.Append(numbered(n, 10))
	}
	r := &reader{t: t, k: k}
	r.come(0, 0)
	r.drain()
	if r.missed != 20 || r.got != 10 || r.number != 30 {
		t.Errorf("missed %d, got %d, up to %d", r.missed, r.got, r.number)
	}
}
