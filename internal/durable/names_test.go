package durable

import (
	"fmt"
	"testing"
	"time"
)

type holder struct {
	at            time.Time
	there         bool
	topics, bytes int
}

func (h *holder) Left() (time.Time, bool) { return h.at, !h.there }
func (h *holder) Weight() (int, int)      { return h.topics, h.bytes }

// book is names with a clock.
type book struct {
	Names[string, *holder]
	clock time.Time
}

func newBook(q Quota) *book {
	return &book{NewNames[string, *holder](q), time.Unix(0, 0)}
}

// leaves has one come and leave, with so many topics of ten bytes; it is false when it was
// not let in.
func (b *book) leaves(owner string, name any, topics int) bool {
	b.clock = b.clock.Add(time.Second)
	full := Name[string]{owner, fmt.Sprint(name)}
	h, ok := b.Get(full)
	if !ok {
		if !b.Room(owner, b.Remove) {
			return false
		}
		h = &holder{at: b.clock}
		b.Add(full, h)
	}
	b.Back(h)
	h.there, h.topics, h.bytes = true, topics, 10*topics
	h.there, h.at = false, b.clock
	b.Left(h, b.Remove)
	return true
}

func (b *book) has(owner string, name any) bool {
	_, ok := b.Get(Name[string]{owner, fmt.Sprint(name)})
	return ok
}

// An owner with many names costs others none of theirs: at the quota it loses its own,
// those that are away for longest first; when all places are taken the owner with most
// names does. Who is there stays.
func TestNames(t *testing.T) {
	b := newBook(Quota{All: 20, Owner: 8, AwayTopics: 1000, AwayBytes: 1000})
	b.leaves("alice", "a", 0)
	for i := range 9 {
		b.leaves("mallory", i, 0)
	}
	if !b.has("alice", "a") || b.has("mallory", 0) || !b.has("mallory", 1) || len(b.All()) != 9 {
		t.Errorf("after mallory's quota: %v", b.All())
	}
	for i := range 11 {
		b.leaves(fmt.Sprint("user", i), i, 0)
	}
	b.leaves("bob", "b", 0)
	if !b.has("alice", "a") || !b.has("bob", "b") || b.has("mallory", 1) || len(b.All()) != 20 {
		t.Errorf("when all places are taken: %v", b.All())
	}
	for name, h := range b.All() {
		if name.Owner == "mallory" {
			b.Back(h)
			h.there = true
		}
	}
	if b.leaves("mallory", "more", 0) && !b.leaves("mallory", "still more", 0) {
		t.Error("mallory got one more than the quota")
	}
	sum := 0
	for _, n := range b.owners {
		sum += n
	}
	if sum != len(b.All()) {
		t.Errorf("%d names are counted, %d are there", sum, len(b.All()))
	}
}

// What those that are away have subscribed to is bounded: the owner with most names gives
// way, and one's only name never does for another one's.
func TestNamesThatAreAway(t *testing.T) {
	b := newBook(Quota{All: 1000, Owner: 100, AwayTopics: 50, AwayBytes: 1000})
	b.leaves("alice", "a", 10)
	for i := range 20 {
		b.leaves("mallory", i, 10)
		if b.topics > 50 || b.bytes != 10*b.topics || b.away != len(b.All()) {
			t.Fatalf("%d are away with %d topics of %d bytes", b.away, b.topics, b.bytes)
		}
	}
	if !b.has("alice", "a") || !b.has("mallory", 19) || b.has("mallory", 15) || !b.has("mallory", 16) {
		t.Errorf("%v", b.All())
	}
	b.leaves("mallory", 19, 0) // it has cancelled them
	b.leaves("mallory", 20, 10)
	if !b.has("mallory", 16) {
		t.Error("one gave way although there was room")
	}
	for name := range b.All() {
		b.Remove(name)
	}
	if b.away != 0 || b.topics != 0 || b.bytes != 0 || len(b.owners) != 0 {
		t.Errorf("nobody is left, and %d, %d, %d, %v", b.away, b.topics, b.bytes, b.owners)
	}
	b.leaves("bob", "b", 1000)
	if !b.has("bob", "b") {
		t.Error("one that is alone has to go")
	}
}
