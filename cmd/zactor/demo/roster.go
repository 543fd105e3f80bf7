package demo

import (
	"fmt"
	"time"
)

// roster is what the boss knows of the nodes, from their reports. It has no clock
// and no sockets: what happens to it is told to it.
type roster struct {
	names     []string // in the order in which they are shown
	members   map[string]*member
	counts    map[string]counts // by id: of each life, so that those before a restart count
	foundAt   time.Duration     // when everybody first knew everybody; 0 before
	restarts  int
	drama     drama
	admission admission
}

// A member is a node.
type member struct {
	id, endpoint, state string
	knows               map[string]string // id by name of the peers that have entered
	restarts            int
	status              status
	rate                rate
	guests              map[string]*rate
}

// The states of a member.
const (
	stateWaiting = "wait"
	stateUp      = "up"
	stateDown    = "down"
	stateDenied  = "denied" // the stranger's, outside
)

func newRoster(nodes int) *roster {
	r := &roster{members: map[string]*member{}, counts: map[string]counts{}}
	for i := range nodes {
		name := fmt.Sprintf("node-%d", i+1)
		r.names = append(r.names, name)
		r.members[name] = &member{state: stateWaiting, knows: map[string]string{}, guests: map[string]*rate{}}
	}
	// Not the first: guests join that one, and are not to be disturbed.
	r.admission.host = r.names[0]
	r.drama = drama{victim: r.names[nodes/2], left: map[string]bool{}, returned: map[string]bool{}}
	return r
}

// apply enters an event.
func (r *roster) apply(now time.Duration, e event) {
	r.admission.apply(e)
	m := r.members[e.Node]
	if m == nil {
		return
	}
	switch e.Kind {
	case eventStart:
		m.id, m.endpoint, m.state = e.ID, e.Detail, stateUp
		clear(m.knows)
		clear(m.guests)
	case eventPanic:
		m.state = stateDown
	case eventRestart:
		m.restarts++
		r.restarts++
	case eventEnter:
		m.knows[e.Peer] = e.PeerID
		r.drama.entered(e)
	case eventExit:
		if m.knows[e.Peer] == e.PeerID {
			delete(m.knows, e.Peer)
		}
		r.drama.exited(e)
	case eventDepart:
		delete(m.guests, e.PeerID)
	}
	if r.foundAt == 0 && r.complete() {
		r.foundAt = now
	}
}

// update enters a status. One of an earlier life may come late.
func (r *roster) update(s status) {
	m := r.members[s.Node]
	if m == nil {
		return
	}
	r.counts[s.ID] = s.Counts
	if s.ID != m.id {
		return
	}
	m.status = s
	r.admission.update(s)
	m.rate.update(s.ID, s.Uptime, s.Counts.Received)
	for _, g := range s.Guests {
		if m.guests[g.ID] == nil {
			m.guests[g.ID] = new(rate)
		}
		m.guests[g.ID].update(s.ID, s.Uptime, g.Messages)
	}
}

// complete reports whether every node knows every other one as it is now.
func (r *roster) complete() bool { return r.links() == len(r.names)*(len(r.names)-1) }

func (r *roster) links() (n int) {
	for _, m := range r.members {
		for name, id := range m.knows {
			if peer := r.members[name]; peer != nil && peer != m && peer.id == id {
				n++
			}
		}
	}
	return n
}

// finished reports whether every node has sent its final status.
func (r *roster) finished() bool { return len(r.unfinished()) == 0 }

func (r *roster) unfinished() (names []string) {
	for _, name := range r.names {
		if m := r.members[name]; !m.status.Final || m.status.ID != m.id {
			names = append(names, name)
		}
	}
	return names
}

// total adds up what all lives of all nodes have counted.
func (r *roster) total() (sum counts) {
	for _, c := range r.counts {
		sum = sum.add(c)
	}
	return sum
}

// link is the mechanism of all links: CURVE only if it is of every one.
func (r *roster) link() string {
	var sum status
	for _, m := range r.members {
		sum.addLink(m.status.Link)
	}
	return sum.Link
}
