package mesh

import "github.com/go-zactor/zactor/internal/budget"

// share is what one link may hold of the table. Its owner is the newest entry that
// counts in it: that one goes first when it has to give way, so that what has been
// there for long stays.
type share = budget.Share[*entry]

// reserved is the part of the table that only the program's own tuples may use.
const reserved = 1.0 / 16

// newShares are the shares of a table. Whatever a peer tells counts in the share of its
// link; those of accepted links are bounded, together for each address, too. What a link
// has told stays when it is lost, but goes before all else.
func newShares(c Config) *budget.Pool[*entry] {
	return budget.NewPool[*entry](budget.Rules{
		Most: budget.Amount{Places: c.MaxKeys, Bytes: c.MaxBytes}, Reserve: reserved, Peer: c.Peer, Address: c.Address,
	})
}

// shareOf is the share in which counts what a link tells; 0 is the program.
func (m *Mesh) shareOf(id Link) *share {
	if l := m.links[id]; l != nil {
		return l.share
	}
	return m.shares.Own()
}

// charge has a version of an entry count in the share of whom it is from. What gets no
// larger by it stays with who has it: to change a tuple is not to hold it. It reports
// false, and changes nothing, if there is no room.
func (m *Mesh) charge(e *entry, v version, from Link) bool {
	need := budget.Amount{Places: 1, Bytes: len(e.key) + len(v.value)}
	old := e.holder
	if old != nil && need.Bytes <= e.size.Bytes {
		old.Give(e.size.Minus(need))
		e.size = need
		return true
	}
	if old != nil {
		m.unhold(e) // or it might have to make room for itself
	}
	s := m.shareOf(from)
	ok, why := m.makeRoom(s, need)
	switch {
	case ok:
		m.hold(e, s, need)
	case old != nil:
		m.hold(e, old, e.size)
	}
	if !ok && from != 0 {
		m.host.Refused(from, why)
	}
	m.shares.Tidy(old)
	return ok
}

// makeRoom sees to it that a share may have so much, at the cost of others if that is
// fair; else it says why there is none.
func (m *Mesh) makeRoom(s *share, need budget.Amount) (ok bool, why Refusal) {
	switch m.shares.MakeRoom(s, need, func(v *share) { m.evict(v.Owner) }) {
	case budget.OverShare:
		return false, ShareFull
	case budget.Full:
		return false, TableFull
	}
	return true, 0
}

// evict forgets a tuple for want of room. Peers that have it are not told.
func (m *Mesh) evict(e *entry) {
	live := !e.deleted
	m.forget(e)
	if live {
		m.counters.Delivered++
		m.host.Changed(e.key)
	}
}

// claim is for a tuple that a link tells again: it takes over what a lost one left.
func (m *Mesh) claim(e *entry, l *link) {
	old := e.holder
	if !m.shares.HasLeft(old) || l.share.Full(e.size) != nil {
		return
	}
	m.unhold(e)
	m.hold(e, l.share, e.size)
	m.shares.Tidy(old)
}

// hold enters an entry, as the newest one, in a share that has room for it.
func (m *Mesh) hold(e *entry, s *share, size budget.Amount) {
	e.holder, e.size = s, size
	e.older, e.newer = s.Owner, nil
	if e.older != nil {
		e.older.newer = e
	}
	s.Owner = e
	s.Take(size)
}

// unhold is the inverse of hold.
func (m *Mesh) unhold(e *entry) {
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		e.holder.Owner = e.older
	}
	if e.older != nil {
		e.older.newer = e.newer
	}
	e.holder.Give(e.size)
	e.holder, e.older, e.newer = nil, nil, nil
}

// release is unhold for an entry that is over.
func (m *Mesh) release(e *entry) {
	s := e.holder
	m.unhold(e)
	m.shares.Tidy(s)
}
