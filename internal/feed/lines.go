package feed

// Key is whose an event is: see Config.Of.
type Key [16]byte

// waiting is what waits for one reader. The hub's lock guards it.
type waiting[T any] struct {
	config *Config[T]
	lines  map[Key]*line[T] // those of turn; nil without Of
	turn   ring[*line[T]]   // those that have something to tell, the next one first
	spare  []*line[T]       // whose places are used again
	length int
	bytes  int
}

// line is what waits of one.
type line[T any] struct {
	key    Key
	ring   ring[place[T]]
	bytes  int
	loose  int    // events that Keep does not hold for
	behind uint64 // how many are missing after the last of ring
	turns  bool   // it is in turn
}

// place is an event that waits, and how many are missing before it.
type place[T any] struct {
	event T
	size  int
	gap   uint64
	kept  bool
}

// spareLines is how many lines are kept for others to come.
const spareLines = 16

// put lets an event in if there is room, and returns how many are lost by it. v is
// looked at, and own makes the one that is kept.
func (w *waiting[T]) put(v T, own func() T) (lost int) {
	size, l := w.size(v), w.line(v)
	switch {
	case w.room(size):
	case w.config.DropOldest:
		for ; !w.room(size); lost++ {
			w.dropOldest(l)
		}
	case w.insists(v):
	default:
		evicted, ok := w.makeRoom(l, size)
		if lost = evicted; !ok {
			l.behind++
			w.takesTurn(l)
			return lost + 1
		}
	}
	w.add(l, own(), size)
	return lost
}

// push lets an event in, whatever waits.
func (w *waiting[T]) push(v T) { w.add(w.line(v), v, w.size(v)) }

// line is that of an event. It is in turn once it has something.
func (w *waiting[T]) line(v T) *line[T] {
	var key Key
	if w.config.Of != nil {
		key = w.config.Of(v)
	} else if w.turn.length > 0 {
		return *w.turn.first()
	}
	if l := w.lines[key]; l != nil {
		return l
	}
	if n := len(w.spare); n > 0 {
		l := w.spare[n-1]
		l.key = key
		return l // it is taken by takesTurn
	}
	l := &line[T]{key: key}
	w.spare = append(w.spare, l)
	return l
}

// takesTurn has a line that has something be told of.
func (w *waiting[T]) takesTurn(l *line[T]) {
	if l.turns {
		return
	}
	l.turns = true
	w.spare = w.spare[:len(w.spare)-1] // it is the last: see line
	w.turn.push(l)
	if w.config.Of == nil {
		return
	}
	if w.lines == nil {
		w.lines = map[Key]*line[T]{}
	}
	w.lines[l.key] = l
}

// rests takes the first line, which has nothing, out of turn.
func (w *waiting[T]) rests() {
	l := w.turn.pop()
	l.turns = false
	delete(w.lines, l.key)
	if len(w.spare) < spareLines {
		w.spare = append(w.spare, l)
	}
}

func (w *waiting[T]) add(l *line[T], v T, size int) {
	kept := w.config.Keep != nil && w.config.Keep(v)
	l.ring.push(place[T]{v, size, l.behind, kept})
	l.behind = 0
	if !kept {
		l.loose++
	}
	l.bytes += size
	w.length++
	w.bytes += size
	w.takesTurn(l)
}

// left enters that something of a line does not wait any more.
func (w *waiting[T]) left(l *line[T], p place[T]) {
	if !p.kept {
		l.loose--
	}
	l.bytes -= p.size
	w.length--
	w.bytes -= p.size
}

func (w *waiting[T]) size(v T) int {
	if w.config.Size == nil {
		return 0
	}
	return w.config.Size(v)
}

func (w *waiting[T]) room(size int) bool {
	if w.length == 0 {
		return true
	}
	return w.length < w.config.Limit && (w.config.MaxBytes == 0 || w.bytes+size <= w.config.MaxBytes)
}

func (w *waiting[T]) insists(v T) bool {
	return w.config.Keep != nil && w.length < 2*w.config.Limit && w.config.Keep(v)
}

// makeRoom has those with the most give up their newest events for one of a line that has
// less than an equal share of what may wait, and returns how many.
func (w *waiting[T]) makeRoom(l *line[T], size int) (evicted int, ok bool) {
	if w.config.Of == nil || !w.modest(l, size) {
		return 0, false
	}
	for ; !w.room(size); evicted++ {
		crowded := w.crowded()
		if crowded == nil || crowded == l {
			return evicted, false
		}
		w.dropNewest(crowded)
	}
	return evicted, true
}

// modest reports whether a line has, with one more, an equal share at most.
func (w *waiting[T]) modest(l *line[T], size int) bool {
	n := w.turn.length
	if !l.turns {
		n++
	}
	return (l.ring.length+1)*n <= w.config.Limit && (w.config.MaxBytes == 0 || l.bytes+size <= w.config.MaxBytes/n)
}

// crowded is the line with the largest share that can give something up; nil: none can.
func (w *waiting[T]) crowded() (most *line[T]) {
	for i := range w.turn.length {
		if l := *w.turn.at(i); l.loose > 0 && (most == nil || w.share(l) > w.share(most)) {
			most = l
		}
	}
	return most
}

// share is the part of all places, or of all bytes, that a line has.
func (w *waiting[T]) share(l *line[T]) float64 {
	s := float64(l.ring.length) / float64(w.config.Limit)
	if w.config.MaxBytes > 0 {
		s = max(s, float64(l.bytes)/float64(w.config.MaxBytes))
	}
	return s
}

// dropNewest takes the newest event out of a line that may be dropped. There is one.
func (w *waiting[T]) dropNewest(l *line[T]) {
	i := l.ring.length - 1
	for l.ring.at(i).kept {
		i--
	}
	p := l.ring.remove(i)
	if i < l.ring.length {
		l.ring.at(i).gap += p.gap + 1
	} else {
		l.behind += p.gap + 1
	}
	w.left(l, p)
}

// dropOldest passes the count of what is missing on to the next.
func (w *waiting[T]) dropOldest(l *line[T]) {
	p := l.ring.pop()
	w.left(l, p)
	if l.ring.length > 0 {
		l.ring.first().gap += p.gap + 1
	} else {
		l.behind += p.gap + 1
	}
}

// take removes the oldest of the line whose turn it is, or makes the event that tells how
// many are missing before it.
func (w *waiting[T]) take() (e T, ok, more bool) {
	for w.turn.length > 0 {
		l := *w.turn.first()
		if n := l.missing(); n > 0 && w.config.Missed != nil {
			if l.ring.length == 0 {
				w.rests()
			}
			return w.config.Missed(n), true, w.turn.length > 0
		}
		if l.ring.length == 0 {
			w.rests()
			continue
		}
		p := l.ring.pop()
		w.left(l, p)
		if l.ring.length == 0 && l.behind == 0 {
			w.rests()
		} else if w.turn.length > 1 {
			w.turn.push(w.turn.pop())
		}
		return p.event, true, w.turn.length > 0
	}
	return e, false, false
}

// missing takes the number of events that are missing where the reader is.
func (l *line[T]) missing() (n uint64) {
	if l.ring.length > 0 {
		n, l.ring.first().gap = l.ring.first().gap, 0
		return n
	}
	n, l.behind = l.behind, 0
	return n
}
