package clone

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The commands of CHP, https://rfc.zeromq.org/spec/12.
const (
	icanhaz = "ICANHAZ?"
	kthxbai = "KTHXBAI"
	hugz    = "HUGZ"
)

const (
	maxKey = 255
	// remembered is how many UUIDs of updates a server knows, so as to apply each once.
	remembered = 65536
	uuidSize   = 16
)

// entry is a key and what it has. It does not change: another takes its place.
type entry struct {
	key   string
	value []byte
	seq   uint64
	ends  time.Time // zero: never
}

// table is what a server has. It has no clock and no socket.
type table struct {
	c       *config
	entries map[string]*entry
	seq     uint64
	bytes   int64
	seen    map[string]struct{}
	order   []string // of seen, a ring
	oldest  int
}

func newTable(c *config) *table {
	return &table{c: c, entries: map[string]*entry{}, seen: map[string]struct{}{}}
}

// apply takes a KVSET and returns the KVPUB that says it, or why it is dropped.
func (t *table) apply(now time.Time, frames [][]byte) ([][]byte, error) {
	key, ttl, err := parseSet(frames)
	if err != nil {
		return nil, err
	}
	uuid, value := frames[2], frames[4]
	old := t.entries[key]
	if t.repeated(string(uuid)) { // said again: what the key has now is the answer
		value = nil
		if old != nil {
			value = old.value
		}
		return t.publish(key, uuid, frames[3], value), nil
	}
	e := &entry{key: key, value: append([]byte(nil), value...)}
	if ttl > 0 {
		e.ends = now.Add(ttl)
	}
	size := e.size()
	if old != nil {
		size -= old.size()
	}
	if len(value) > 0 && (old == nil && len(t.entries) >= t.c.keys || t.bytes+size > t.c.bytes) {
		return nil, fmt.Errorf("%w: %d keys, %d bytes", ErrFull, len(t.entries), t.bytes)
	}
	t.remember(string(uuid))
	out := t.publish(key, uuid, frames[3], value)
	e.seq = t.seq
	t.put(e)
	return out, nil
}

func (e *entry) size() int64 { return int64(len(e.key) + len(e.value)) }

// put enters an entry, or deletes its key where it is empty.
func (t *table) put(e *entry) {
	if old := t.entries[e.key]; old != nil {
		t.bytes -= old.size()
		delete(t.entries, e.key)
	}
	if len(e.value) > 0 {
		t.entries[e.key] = e
		t.bytes += e.size()
	}
}

// publish makes a KVPUB with the next number.
func (t *table) publish(key string, uuid, props, value []byte) [][]byte {
	t.seq++
	return keyValue(key, t.seq, uuid, props, value)
}

// keyValue is the form that KVPUB, KVSET, KVSYNC and KTHXBAI share.
func keyValue(key string, seq uint64, uuid, props, value []byte) [][]byte {
	return [][]byte{[]byte(key), binary.BigEndian.AppendUint64(nil, seq), uuid, props, value}
}

func (t *table) repeated(uuid string) bool {
	_, ok := t.seen[uuid]
	return ok
}

func (t *table) remember(uuid string) {
	if uuid == "" {
		return
	}
	t.seen[uuid] = struct{}{}
	if len(t.order) < remembered {
		t.order = append(t.order, uuid)
		return
	}
	delete(t.seen, t.order[t.oldest])
	t.order[t.oldest] = uuid
	t.oldest = (t.oldest + 1) % remembered
}

// expire deletes what has come to its end, and returns the KVPUBs that say it.
func (t *table) expire(now time.Time) (all [][][]byte) {
	for _, e := range t.entries {
		if !e.ends.IsZero() && !now.Before(e.ends) {
			all = append(all, t.publish(e.key, nil, nil, nil))
			t.put(&entry{key: e.key})
		}
	}
	return all
}

// under is what a subtree has at this moment.
func (t *table) under(subtree string) (all []*entry) {
	for _, e := range t.entries {
		if strings.HasPrefix(e.key, subtree) {
			all = append(all, e)
		}
	}
	return all
}

// parseSet checks a KVSET, and reads its key and ttl.
func parseSet(frames [][]byte) (key string, ttl time.Duration, err error) {
	if len(frames) != 5 || len(frames[1]) != 8 || len(frames[2]) != 0 && len(frames[2]) != uuidSize {
		return "", 0, fmt.Errorf("%w: an update of %d frames", ErrProtocol, len(frames))
	}
	key = string(frames[0])
	if err := checkKey(key); err != nil {
		return "", 0, err
	}
	for line := range strings.Lines(string(frames[3])) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if name != "ttl" {
			continue
		}
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return "", 0, fmt.Errorf("%w: ttl %.20q is no number of seconds", ErrProtocol, value)
		}
		ttl = time.Duration(n) * time.Second
	}
	return key, ttl, nil
}

// checkKey refuses what can't be a key, and the words of the protocol.
func checkKey(key string) error {
	if key == "" || len(key) > maxKey || key == hugz || key == kthxbai {
		return fmt.Errorf("%w: %.40q has to have 1 to %d bytes, and not to be a word of the protocol", ErrKey, key, maxKey)
	}
	return nil
}
