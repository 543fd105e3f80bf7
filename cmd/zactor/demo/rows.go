package demo

import "math"

// A row is one line of the roster: a node, or a guest below the node it visits.
type row struct {
	Name     string    `json:"name"`
	Endpoint string    `json:"endpoint"`
	State    string    `json:"state"`
	Peers    int       `json:"peers"`
	Rate     float64   `json:"messages_per_s"`
	RTT      quantiles `json:"rtt"`
	Queue    int       `json:"queue"`
	Drops    uint64    `json:"drops"`
	Restarts int       `json:"restarts"`
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
	return rows
}

func (w *row) fill(s status, r rate) {
	w.Peers, w.RTT, w.Queue, w.Drops = s.Peers, s.RTT, s.Queue, s.Drops
	w.Rate = math.Round(r.perSecond)
}

func (m *member) guestRow(g guestStatus) row {
	w := row{Name: g.Name, Endpoint: g.Endpoint, State: stateGuest, Peers: 1, RTT: g.RTT}
	if r := m.guests[g.ID]; r != nil {
		w.Rate = math.Round(r.perSecond)
	}
	return w
}
