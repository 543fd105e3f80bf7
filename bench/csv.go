package main

import (
	"encoding/csv"
	"io"
	"strconv"
)

// ledger writes every sample as it is measured, one line each, so that a run
// which is cut short leaves what it has.
type ledger struct{ w *csv.Writer }

func newLedger(out io.Writer) (*ledger, error) {
	l := &ledger{csv.NewWriter(out)}
	return l, l.write("family", "work", "size", "peer", "round", "messages", "seconds", "messages_per_s", "cpu_ns_per_message", "p50_ns", "p99_ns")
}

func (l *ledger) add(w workload, round int, peer string, s sample) error {
	return l.write(w.family, w.name, strconv.Itoa(w.size), peer, strconv.Itoa(round), strconv.Itoa(s.messages),
		strconv.FormatFloat(s.elapsed.Seconds(), 'f', 6, 64),
		strconv.FormatFloat(s.rate(), 'f', 1, 64),
		strconv.FormatInt(s.cpuPerMessage().Nanoseconds(), 10),
		strconv.FormatInt(s.p50.Nanoseconds(), 10),
		strconv.FormatInt(s.p99.Nanoseconds(), 10))
}

func (l *ledger) write(fields ...string) error {
	if err := l.w.Write(fields); err != nil {
		return err
	}
	l.w.Flush()
	return l.w.Error()
}
