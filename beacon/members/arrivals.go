package members

import (
	"container/list"
	"net/netip"

	"github.com/go-zactor/zactor/internal/budget"
)

// mostArrivals is how many connections that have come are open at once. Memberlist's are
// short: it exchanges what is known, and hangs up.
const mostArrivals = 256

// arrivals are the places of connections that have come, by address. One address has a
// quarter of them, and while there are none the oldest of the one with the most gives way.
type arrivals struct{ pool *budget.Pool[*list.List] }

// arrival is one place; the zero value is none.
type arrival struct {
	of  *budget.Share[*list.List]
	who *list.Element
}

var oneArrival = budget.Amount{Places: 1, Bytes: 1}

func newArrivals() arrivals {
	most := budget.Amount{Places: mostArrivals, Bytes: mostArrivals}
	return arrivals{budget.NewPool[*list.List](budget.Rules{Most: most, Peer: 1, Address: 0.25})}
}

// take gives a connection a place; evict has to give the place of another one back.
func (a arrivals) take(s *stream, from netip.Addr, evict func(*stream)) (arrival, bool) {
	share := a.pool.From(budget.Origin(from))
	v := a.pool.MakeRoom(share, oneArrival, func(s *budget.Share[*list.List]) { evict(s.Owner.Front().Value.(*stream)) })
	if v != budget.Room {
		a.pool.Settle(share)
		return arrival{}, false
	}
	if share.Owner == nil {
		share.Owner = list.New()
	}
	share.Take(oneArrival)
	return arrival{share, share.Owner.PushBack(s)}, true
}

// give gives a place back.
func (a arrivals) give(at arrival) {
	if at.of == nil {
		return
	}
	at.of.Owner.Remove(at.who)
	at.of.Give(oneArrival)
	a.pool.Settle(at.of)
}
