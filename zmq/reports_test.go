package zmq_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// A stranger asks for more than an XPUB's program, which receives nothing meanwhile, can
// ever be told of. Another peer, from another address, from the same one, or of this
// process, is told of all the same, and the books are right when all is received.
func TestReportsOfTheHonest(t *testing.T) {
	topic := bytes.Repeat([]byte("junk"), 2000)
	again := append(wire.AppendSubscribe(nil, wire.V31, topic), wire.AppendCancel(nil, wire.V31, topic)...)
	s := stressSocket(t, t.Context(), zmq.XPub)
	local := stressBind(t, s, "inproc://reports-of-the-honest")
	_, addr, _ := strings.Cut(stressBind(t, s, "tcp://127.0.0.1:*"), "://")
	const rounds = 6_000 // 96 MB
	for _, from := range []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"} {
		reportFlood(t, s, from, addr, bytes.Repeat(again, rounds/3))
	}
	if st := s.Stats(); st.ReportsDropped == 0 || st.ReportBytes < 40<<20 || st.ReportBytes > 64<<20 || st.Drops.HWM != st.ReportsDropped {
		t.Errorf("%+v", st)
	}
	for from, honest := range map[string]string{"127.0.0.1": "near", "127.0.0.9": "far"} {
		reportFlood(t, s, from, addr, wire.AppendSubscribe(nil, wire.V31, []byte(honest)))
	}
	sub := stressSocket(t, t.Context(), zmq.Sub)
	if err := sub.Connect(local); err != nil {
		t.Fatal(err)
	}
	if err := sub.Subscribe("own"); err != nil {
		t.Fatal(err)
	}
	wait, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.WaitSubscribers(wait, "own", 1); err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	ztest.Eventually(t, "the honest are told of, and what is held is given back", func() bool { // ends are told after the peer has gone
		for m, err := s.TryRecv(); err == nil; m, err = s.TryRecv() {
			told[string(m.Frames[0][1:min(len(m.Frames[0]), 9)])]++
		}
		return told["near"] >= 2 && told["far"] >= 2 && told["own"] >= 1 && s.Stats().ReportBytes == 0
	}, func() string { return fmt.Sprint(told, s.Stats().ReportBytes) })
	if told["near"] != 2 || told["far"] != 2 || told["own"] != 1 {
		t.Errorf("told of %v", told)
	}
}

// reportFlood connects from an address, says what it wants, goes, and waits until all of it
// is heard. The end of what it wanted may still be to be told.
func reportFlood(t *testing.T, s *zmq.Socket, from, addr string, wants []byte) {
	t.Helper()
	before := s.Stats().Disconnects
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write(append(speakerHello("SUB"), wants...)); err != nil {
		t.Fatal(err)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	ztest.Eventually(t, "it has gone", func() bool { return s.Stats().Disconnects > before })
}

// A message that looks like a report, behind a subscription with
// WithXPubOnlyFirstSubscribe, counts as one: it can't be used to give back what was not
// taken.
func TestReportsLookalike(t *testing.T) {
	s := stressSocket(t, t.Context(), zmq.XPub, zmq.WithOnlyFirstSubscribe(true))
	_, addr, _ := strings.Cut(stressBind(t, s, "tcp://127.0.0.1:*"), "://")
	var wants []byte
	for i := range uint32(10) {
		wants = appendMsg(wants, binary.BigEndian.AppendUint32([]byte{1}, i), []byte("\x01lookalike"))
	}
	reportFlood(t, s, "127.0.0.1", addr, wants)
	const want = 10*(64+5) + 10*(64+10) + 10*(64+5)
	held := func() int64 { return int64(s.Stats().ReportBytes) }
	ztest.Eventually(t, fmt.Sprint(want, " bytes are held"), func() bool { return held() == want }, func() string { return fmt.Sprint(held()) })
	for n := 30; n > 0; n-- {
		if _, err := s.TryRecv(); err != nil {
			t.Fatalf("%d are missing", n)
		}
	}
	if held() != 0 {
		t.Errorf("nothing waits, and %d bytes are held", held())
	}
}
