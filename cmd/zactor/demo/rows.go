package demo

import "math"

// A row is one line of the roster: a node, a guest below the node it visits, or the
// stranger while it is outside.
type row struct {
	Name     string    `json:"name"`
	Endpoint string    `json:"endpoint"`
	State    string    `json:"state"`
	Link     string    `json:"link,omitempty"` // the mechanism
	Peers    int       `json:"peers"`
	Rate     float64   `json:"messages_per_s"`
	RTT      quantiles `json:"rtt"`
	Queue    int       `json:"queue"`
	Drops    uint64    `json:"drops"`
	Restarts int       `json:"restarts"`
	Reason   string    `json:"reason,omitempty"` // why it is not let in
}

// stateGuest is the state of a guest's row.
const stateGuest = "guest"

// rows is the roster as views show it.
func (r *roster) rows() (rows []row) {
	for _, name := range r.names {
		m := r.members[name]
		rows = append(rows, row{
			Name: name, Endpoint: m.endpoint, State: m.state, Restarts: m.restarts,
		})
		if m.state != stateUp || m.status.ID != m.id {
			continue
		}
		rows[len(rows)-1].fill(m.status, m.rate)
		for _, g := range m.status.Guests {
			rows = append(rows, m.guestRow(g))
		}
	}
	if w, outside := r.admission.row(); outside {
		rows = append(rows, w)
	}
	return rows
}

func (w *row) fill(s status, r rate) {
	w.Peers, w.Link, w.RTT, w.Queue, w.Drops = s.Peers, s.Link, s.RTT, s.Queue, s.Drops
	w.Rate = math.Round(r.perSecond)
}

func (m *member) guestRow(g guestStatus) row {
	w := row{Name: g.Name, Endpoint: g.Endpoint, State: stateGuest, Link: g.Link, Peers: 1, RTT: g.RTT}
	if r := m.guests[g.ID]; r != nil {
		w.Rate = math.Round(r.perSecond)
	}
	return w
}
