package dnssd

import (
	"container/list"
	"net/netip"

	"github.com/go-zactor/zactor/internal/budget"
)

// places are those of the instances of one interface, by the addresses that have told of
// them. One address may have them all, as one host may have many services, and gives way to
// others: nobody who tells of few is kept out by one who tells of many. IPv6 addresses count
// one by one: all of a link have the first 64 bits in common.
type places struct {
	pool *budget.Pool[*list.List]
}

// A holder's list has the folded names of its instances, the newest last.
type holder = *budget.Share[*list.List]

func newPlaces(limit int) places {
	most := budget.Amount{Places: limit, Bytes: limit}
	return places{budget.NewPool[*list.List](budget.Rules{Most: most, Peer: 1, Address: 1})}
}

// place is one instance's.
type place struct {
	of   holder
	name *list.Element
}

// one is what an instance takes.
var one = budget.Amount{Places: 1, Bytes: 1}

// take gives an instance a place, at the cost of the newest of one who has more than the
// asker: forget is told its name, and gives its place back. It reports whether there is one.
func (p places) take(from netip.Addr, name string, forget func(name string)) (place, bool) {
	s := p.pool.From(from.Unmap().WithZone("").String())
	verdict := p.pool.MakeRoom(s, one, func(s holder) { forget(s.Owner.Back().Value.(string)) })
	if verdict != budget.Room {
		p.pool.Settle(s)
		return place{}, false
	}
	if s.Owner == nil {
		s.Owner = list.New()
	}
	s.Take(one)
	return place{s, s.Owner.PushBack(name)}, true
}

// give gives a place back.
func (p places) give(at place) {
	at.of.Owner.Remove(at.name)
	at.of.Give(one)
	p.pool.Settle(at.of)
}
