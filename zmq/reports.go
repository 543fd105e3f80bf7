package zmq

import (
	"strings"
	"sync"

	"github.com/go-zactor/zactor/internal/budget"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/msg"
)

// What an XPUB's program has not received yet of the reports of its peers' subscriptions is
// bounded in bytes, with reportCost for each. No high-water mark does it, or peers would
// have to wait with their subscriptions for a program that does not ask; without any
// bound they could fill our memory.
const (
	maxReports = 64 << 20
	reportCost = 64
)

// reports says which peers may have how much of that. When all is taken the most crowded
// address loses its newest reports, so that whoever asks for much keeps nobody unheard;
// peers of this process have a part of their own.
type reports struct {
	mu   sync.Mutex
	pool *budget.Pool[*queue.Pipe] // Owner is whose inbox they wait in
}

func newReports() *reports {
	return &reports{pool: budget.NewPool[*queue.Pipe](budget.Rules{
		Most: budget.Amount{Places: maxReports / reportCost, Bytes: maxReports}, Reserve: 0.125, Peer: 0.5, Address: 0.75,
	})}
}

// costOf is what a report counts for.
func costOf(report []byte) budget.Amount {
	return budget.Amount{Places: 1, Bytes: reportCost + len(report)}
}

// put queues reports in the inbox of their peer, as many as there is room for: the first
// n. announce is PutMsgs's.
func (r *reports) put(p *queue.Pipe, msgs []msg.Msg) (n int, announce bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	share := r.share(p)
	for n < len(msgs) && share.Full(costOf(msgs[n].Frames[0])) == nil {
		share.Take(costOf(msgs[n].Frames[0]))
		n++
	}
	announce, ok := p.In.PutMsgs(msgs[:n])
	if !ok {
		for _, m := range msgs[:n] { // which nobody will take
			share.Give(costOf(m.Frames[0]))
		}
	}
	r.settle(p, share)
	return n, announce
}

// press is put at the cost of others. The caller holds recvMu, without which none can be
// taken from them. dropped is how many reports were, whoever's.
func (r *reports) press(p *queue.Pipe, m msg.Msg) (announce bool, dropped int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	share, n := r.share(p), costOf(m.Frames[0])
	verdict := r.pool.MakeRoom(share, n, func(v *budget.Share[*queue.Pipe]) {
		if lost, ok := v.Owner.In.Revoke(isReport); ok {
			dropped++
			r.give(v.Owner, costOf(lost.Frames[0]), v)
		}
	})
	if verdict != budget.Room {
		r.settle(p, share)
		return false, dropped + 1
	}
	return r.enter(p, share, n, m), dropped
}

func (r *reports) enter(p *queue.Pipe, share *budget.Share[*queue.Pipe], n budget.Amount, m msg.Msg) (announce bool) {
	_, announce, ok := p.In.PutMsg(m)
	if !ok {
		r.settle(p, share)
		return false
	}
	share.Take(n)
	return announce
}

// took gives the place of a report back that the program has received.
func (r *reports) took(p *queue.Pipe, report []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	share, n := peerOf(p).reports, costOf(report)
	if share != nil && share.Used().Bytes >= n.Bytes { // the own DISCONNECT_MSG may look like one
		r.give(p, n, share)
	}
}

func (r *reports) give(p *queue.Pipe, n budget.Amount, share *budget.Share[*queue.Pipe]) {
	share.Give(n)
	r.settle(p, share)
}

// share is that of a peer, for which it stays as long as it has reports that wait.
func (r *reports) share(p *queue.Pipe) *budget.Share[*queue.Pipe] {
	pr := peerOf(p)
	if pr.reports == nil {
		if o := p.Origin(); o != nil && o.Peer != nil && strings.HasPrefix(o.Peer.RemoteAddr, "inproc://") {
			pr.reports = r.pool.Own().Sub(r.pool.Own().Most(), budget.Fair)
		} else {
			pr.reports = r.pool.Come(originOf(p))
		}
		pr.reports.Owner = p
	}
	return pr.reports
}

func originOf(p *queue.Pipe) string {
	if o := p.Origin(); o != nil && o.Peer != nil {
		return budget.OriginOf(o.Peer.RemoteAddr)
	}
	return ""
}

// settle forgets a share of nothing.
func (r *reports) settle(p *queue.Pipe, share *budget.Share[*queue.Pipe]) {
	if share.Empty() {
		r.pool.Leave(share)
		peerOf(p).reports = nil
	}
}

// reporter is a receiver that has reports: how many bytes they count for, and how many
// were dropped.
type reporter interface {
	reported() (bytes int, dropped uint64)
}

func (r *reports) figures() (held int, dropped uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.pool.Figures()
	return f.Held.Bytes, f.OverShare + f.Full + f.Evicted
}

// isReport reports whether a message in an inbox is one, or looks like one to the
// program.
func isReport(m msg.Msg) bool {
	_, _, ok := subscription(m.Frames)
	return ok
}
