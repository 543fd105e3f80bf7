package durable

// maxGaps bounds how many gaps may be announced before the messages between them.
const maxGaps = 1024

// Follower is what a subscriber knows of one publisher's stream. Messages carry no
// numbers: the publisher says once which one comes first, and both count. The caller
// guards it.
type Follower struct {
	epoch uint64 // of the stream; 0: none yet
	base  uint64 // number of the last message before this connection's first one

	begun bool   // Begin has come
	start uint64 // how many messages had arrived then
	gaps  []gapAt

	acked uint64 // what Acked has answered last
}

// gapAt says that after so many messages of a connection so many are missing.
type gapAt struct{ after, n uint64 }

// Has is what the publisher is told: the epoch, 0 where there is none yet, and up to which
// number the subscriber has its messages.
func (f *Follower) Has() (epoch, number uint64) { return f.epoch, f.base }

// Begun reports whether the publisher has said which message comes first.
func (f *Follower) Begun() bool { return f.begun }

// Leave settles what a connection has brought: so many messages have arrived in all.
func (f *Follower) Leave(arrived uint64) {
	if f.begun {
		f.base = f.received(arrived - f.start)
	}
	f.begun, f.gaps = false, nil
}

// Begin is called when the publisher says what comes first. forgotten: it is another stream
// than before, so that nobody knows what was missed. ok is false when it has said so
// before.
func (f *Follower) Begin(epoch, before, arrived uint64) (forgotten, ok bool) {
	if f.begun {
		return false, false
	}
	forgotten = f.epoch != 0 && f.epoch != epoch
	if f.epoch != epoch {
		f.acked = 0 // of other numbers
	}
	f.epoch, f.base, f.start, f.begun, f.gaps = epoch, before, arrived, true, nil
	return forgotten, true
}

// received is the number of the last of n messages of this connection.
func (f *Follower) received(n uint64) uint64 {
	number := f.base + n
	for _, g := range f.gaps {
		if n >= g.after {
			number += g.n
		}
	}
	return number
}

// Missed notes a gap. Those that lie behind are settled, so that their list is short.
func (f *Follower) Missed(after, n, arrived uint64) {
	if !f.begun {
		return
	}
	if last := len(f.gaps); last == maxGaps { // of messages that never come: the publisher is at fault
		f.gaps[last-1].n += n
		return
	}
	f.gaps = append(f.gaps, gapAt{after, n})
	for came := arrived - f.start; len(f.gaps) > 16 && f.gaps[0].after <= came; {
		f.base += f.gaps[0].n
		f.gaps = f.gaps[1:]
	}
}

// Taken is the number of the last message that the program has taken, when waiting
// messages of those that have arrived wait for it; ok is false when it is still at what
// an earlier connection brought.
func (f *Follower) Taken(arrived, waiting uint64) (number uint64, ok bool) {
	n := arrived - f.start
	if !f.begun || waiting > n {
		return 0, false
	}
	return f.received(n - waiting), true
}

// Acked reports whether a number is more than the publisher was told before.
func (f *Follower) Acked(number uint64) (news bool) {
	news = number > f.acked
	f.acked = max(f.acked, number)
	return news
}
