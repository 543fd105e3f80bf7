package demo

// drama is the story of the node that panics, as its peers see it.
type drama struct {
	victim         string
	lostID         string // of its life that ends; "" before it begins
	peers          int
	left, returned map[string]bool // by the name of the peer who has seen it
}

func (d *drama) exited(e event) {
	if d.lostID != "" && e.PeerID == d.lostID {
		d.left[e.Node] = true
	}
}

func (d *drama) entered(e event) {
	if d.lostID != "" && e.Peer == d.victim && e.PeerID != d.lostID {
		d.returned[e.Node] = true
	}
}

// over reports whether all peers have seen the victim leave and return.
func (d *drama) over() bool {
	return d.lostID != "" && len(d.left) == d.peers && len(d.returned) == d.peers
}

// beginDrama notes that the victim is about to panic.
func (r *roster) beginDrama() {
	d := &r.drama
	d.lostID = r.members[d.victim].id
	d.peers = len(r.names) - 1
	for name, m := range r.members {
		if name != d.victim && m.knows[d.victim] != d.lostID {
			d.left[name] = true // it has lost sight of the victim just now
		}
	}
}
