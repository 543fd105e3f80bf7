package demo

// admission is the story of the stranger: refused by the authenticator for its
// key, trusted once its certificate is in the store, and then like any guest.
type admission struct {
	host string // the node that it wants to join

	sent    bool   // it was started
	refused int    // how often it says that it was
	why     string // in its own words
	reason  string // in the authenticator's
	address string // that the authenticator saw
	dropped bool   // its certificate lies in the store's directory
	trusted bool   // and the store has seen it
	joined  bool
	early   bool   // it joined before it was trusted
	echoes  uint64 // whispers that it has answered
}

func (a *admission) apply(e event) {
	switch {
	case e.Kind == eventRefused && e.Node == strangerName:
		a.refused++
		a.why = e.Detail
	case e.Kind == eventDeny && e.Node == strangerName:
		a.reason, a.address = e.Detail, e.Peer
	case e.Kind == eventTrusted && e.Node == strangerName:
		a.trusted = true
	case e.Kind == eventJoin && e.Peer == strangerName:
		a.joined = true
		a.early = a.early || !a.trusted
	}
}

// update looks for the stranger among the guests of a node.
func (a *admission) update(s status) {
	for _, g := range s.Guests {
		if g.Name == strangerName {
			a.echoes = max(a.echoes, g.Messages)
		}
	}
}

// turnedAway reports whether both sides have said that it may not come in.
func (a *admission) turnedAway() bool { return a.refused > 0 && a.reason != "" }

// over reports whether it is in and talks.
func (a *admission) over() bool { return a.turnedAway() && a.trusted && a.joined && a.echoes > 0 }

// row is the stranger's line in the roster while it is outside. Inside it has one
// as a guest.
func (a *admission) row() (row, bool) {
	w := row{Name: strangerName, Endpoint: a.address, State: stateWaiting, Reason: a.reason}
	if a.turnedAway() {
		w.State = stateDenied
	}
	return w, a.sent && !a.joined
}
