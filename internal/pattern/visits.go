package pattern

// visits knows when a receiver that always finds something should give the processor up.
//
// Whom it wakes, by an answer or by letting a reader on, is next on its own processor, and
// comes to run when it waits, which beside a peer that floods it never does: for a while
// nobody else may take that goroutine, and the one that is to take it meanwhile does not
// look at the network. So it pauses before it goes on with one who has more, after it has
// served visitors, who came with one thing, or has let a reader on or worked at many frames
// while there are some. The last of many things is no visit: where all flood, nobody waits for
// an answer to what came last.
type visits struct {
	served  int    // visitors, beside others, since the last pause
	last    uint64 // the turn of the last one,
	flood   uint64 // and of the last one who had more
	resumed bool
	spent   int // on messages of many frames, in turns, since the last pause
}

const (
	// mostVisits is how many are served in one go while more come.
	mostVisits = 16
	// mostSpent is how many turns frames may cost in one go beside visitors: those of two
	// messages of a thousand, some 50 µs.
	mostSpent = 64
	// visitLasts is for how many turns a visit, or a flood, is a sign of more.
	visitLasts = 4096
)

// took notes that a message was taken of one who has more, or beside others of one who came
// with nothing else.
func (v *visits) took(turn uint64, more, visit bool) {
	switch {
	case more:
		v.flood = turn
	case visit:
		v.served++
		v.last = turn
	}
}

// resumes notes that a reader is let on.
func (v *visits) resumes(turn uint64) { v.resumed = v.resumed || lately(v.last, turn) }

// any reports that there may be a reason to pause.
func (v *visits) any() bool { return v.served > 0 || v.resumed || v.spent >= mostSpent }

// due reports that there is one; more says that the next one to be served has more.
func (v *visits) due(turn uint64, more bool) bool {
	return v.resumed || v.served > 0 && more || v.served >= mostVisits && lately(v.flood, turn) ||
		v.spent >= mostSpent && v.expected(turn)
}

// expected reports that there may be more visitors, as there were some lately.
func (v *visits) expected(turn uint64) bool { return lately(v.last, turn) }

func (v *visits) paused() { v.served, v.resumed, v.spent = 0, false, 0 }

func lately(event, turn uint64) bool { return event > 0 && turn-event < visitLasts }
