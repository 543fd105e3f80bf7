package durable

import "time"

// Quota bounds how many streams there are.
type Quota struct {
	All, Owner int // streams of all, and of one owner
	// What those that are away have subscribed to, all together: topics, and their bytes.
	AwayTopics, AwayBytes int
}

// Name is a subscriber's name, which is its owner's: another one's of the same text is
// another name.
type Name[O comparable] struct {
	Owner O
	Text  string
}

// Holder is what has a name.
type Holder interface {
	// Left is since when it is away; ok is false while it is there.
	Left() (at time.Time, ok bool)
	// Weight is how many topics it has, and their bytes.
	Weight() (topics, bytes int)
}

// Names are the streams of a publisher by their names. Owners pay for themselves: one
// that has many names never costs another one its only one. The caller guards it.
type Names[O comparable, H Holder] struct {
	quota  Quota
	byName map[Name[O]]H
	owners map[O]int // how many each has

	away, topics, bytes int // those that are away, and what they have subscribed to
}

// NewNames makes none.
func NewNames[O comparable, H Holder](q Quota) Names[O, H] {
	return Names[O, H]{quota: q, byName: map[Name[O]]H{}, owners: map[O]int{}}
}

// Get is who has a name.
func (n *Names[O, H]) Get(name Name[O]) (h H, ok bool) { h, ok = n.byName[name]; return }

// All are all.
func (n *Names[O, H]) All() map[Name[O]]H { return n.byName }

// Add enters one that is away; Room has said that there is room.
func (n *Names[O, H]) Add(name Name[O], h H) {
	n.byName[name] = h
	n.count(h, 1)
	n.owners[name.Owner]++
}

// Remove takes a name out.
func (n *Names[O, H]) Remove(name Name[O]) {
	h, ok := n.byName[name]
	if !ok {
		return
	}
	if _, away := h.Left(); away {
		n.count(h, -1)
	}
	delete(n.byName, name)
	if n.owners[name.Owner]--; n.owners[name.Owner] == 0 {
		delete(n.owners, name.Owner)
	}
}

func (n *Names[O, H]) count(h H, sign int) {
	topics, bytes := h.Weight()
	n.away, n.topics, n.bytes = n.away+sign, n.topics+sign*topics, n.bytes+sign*bytes
}

// Room makes room for one more name of an owner: forget takes the one out, and ends it,
// that gives way. It is false when all that might are there.
func (n *Names[O, H]) Room(owner O, forget func(Name[O])) bool {
	var nobody O
	switch {
	case owner != nobody && n.owners[owner] >= n.quota.Owner:
		return n.evict(func(name Name[O]) bool { return name.Owner == owner }, forget)
	case len(n.byName) < n.quota.All:
		return true
	}
	return n.evictMost(forget)
}

// Left is called when one has left. So many that are away give way that the topics of the
// others are within the quota; one that is alone may have what it has.
func (n *Names[O, H]) Left(h H, forget func(Name[O])) {
	n.count(h, 1)
	for n.away > 1 && (n.topics > n.quota.AwayTopics || n.bytes > n.quota.AwayBytes) && n.evictMost(forget) {
	}
}

// Back is called before one that was away is there.
func (n *Names[O, H]) Back(h H) { n.count(h, -1) }

// evictMost evicts one of the owner with most names, of those of whom one is away.
func (n *Names[O, H]) evictMost(forget func(Name[O])) bool {
	most := 0
	for name, h := range n.byName {
		if _, away := h.Left(); away {
			most = max(most, n.owners[name.Owner])
		}
	}
	return n.evict(func(name Name[O]) bool { return n.owners[name.Owner] == most }, forget)
}

// evict evicts the one that is away for longest, of those that may be.
func (n *Names[O, H]) evict(may func(Name[O]) bool, forget func(Name[O])) bool {
	var oldest time.Time
	var its Name[O]
	found := false
	for name, h := range n.byName {
		if at, away := h.Left(); away && may(name) && (!found || at.Before(oldest)) {
			oldest, its, found = at, name, true
		}
	}
	if found {
		forget(its)
	}
	return found
}
