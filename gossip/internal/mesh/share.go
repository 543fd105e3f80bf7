package mesh

import "github.com/go-zactor/zactor/gossip/internal/quota"

// share is what one link may hold of the table. Its owner is the newest entry that
// counts in it: that one goes first when it has to give way, so that what has been
// there for long stays.
type share = quota.Share[*entry]

// reserved is the part of the table that only the program's own tuples may use.
const reserved = 1.0 / 16

// shares are those of a table. Whatever a peer tells counts in the share of its link;
// those of accepted links are bounded, together for each address, too. What a link has
// told stays when it is lost, but goes before all else.
type shares struct {
	own       *share
	others    *share
	lost      *share
	address   quota.Amount
	peer      quota.Amount
	addresses map[string]*share
}

func newShares(c Config) shares {
	all := quota.Amount{Keys: c.MaxKeys, Bytes: c.MaxBytes}
	root := quota.New[*entry](all)
	most := all.Part(1 - reserved)
	s := shares{
		own: root.Sub(all, quota.Never), others: root.Sub(most, quota.Fair),
		address: all.Part(c.Address), peer: all.Part(c.Peer), addresses: map[string]*share{},
	}
	s.lost = s.others.Sub(most, quota.First)
	return s
}

// dialled is the share of a link that this node has made: it chose the peer.
func (s *shares) dialled() *share { return s.others.Sub(s.others.Most(), quota.Fair) }

// accepted is the share of a peer that connected from an address.
func (s *shares) accepted(address string) *share {
	a := s.addresses[address]
	if a == nil {
		a = s.others.Sub(s.address, quota.Fair)
		s.addresses[address] = a
	}
	return a.Sub(s.peer, quota.Fair)
}

// leave is for a link that is gone.
func (s *shares) leave(l *link) {
	if l.share.Empty() {
		l.share.Remove()
	} else {
		l.share.Move(s.lost)
	}
	if a := s.addresses[l.address]; a != nil && a.Empty() {
		a.Remove()
		delete(s.addresses, l.address)
	}
}

// shareOf is the share in which counts what a link tells; 0 is the program.
func (m *Mesh) shareOf(id Link) *share {
	if l := m.links[id]; l != nil {
		return l.share
	}
	return m.shares.own
}

// charge has a version of an entry count in the share of whom it is from. What gets no
// larger by it stays with who has it: to change a tuple is not to hold it. It reports
// false, and changes nothing, if there is no room.
func (m *Mesh) charge(e *entry, v version, from Link) bool {
	need := quota.Amount{Keys: 1, Bytes: len(e.key) + len(v.value)}
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
	m.tidy(old)
	return ok
}

// makeRoom sees to it that a share may have so much, at the cost of others if that is
// fair; else it says why there is none.
func (m *Mesh) makeRoom(s *share, need quota.Amount) (ok bool, why Refusal) {
	for full := s.Full(need); full != nil; full = s.Full(need) {
		v := s.Victim(need)
		switch {
		case v != nil:
			m.evict(v.Owner)
		case full == s || full == s.Parent() && full != m.shares.others:
			m.counters.OverShare++
			return false, ShareFull
		default:
			m.counters.KeysFull++
			return false, TableFull
		}
	}
	return true, 0
}

// evict forgets a tuple for want of room. Peers that have it are not told.
func (m *Mesh) evict(e *entry) {
	m.counters.Evicted++
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
	if old.Parent() != m.shares.lost || l.share.Full(e.size) != nil {
		return
	}
	m.unhold(e)
	m.hold(e, l.share, e.size)
	m.tidy(old)
}

// hold enters an entry, as the newest one, in a share that has room for it.
func (m *Mesh) hold(e *entry, s *share, size quota.Amount) {
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
	m.tidy(s)
}

// tidy removes what is left of a lost link when nothing counts in it any more.
func (m *Mesh) tidy(s *share) {
	if s != nil && s.Parent() == m.shares.lost && s.Empty() {
		s.Remove()
	}
}
