package durable

// Topics are a subscriber's subscriptions, which stay while it is away: when it has come
// back it tells them again, and those that it does not tell have ended. The caller guards
// them.
type Topics struct {
	told map[string]uint32 // by topic: on which connection it was told last
	now  uint32            // this connection
	back bool              // it is telling them
}

// Come is called when the subscriber has come.
func (t *Topics) Come() { t.now, t.back = t.now+1, true }

// Len is how many there are.
func (t *Topics) Len() int { return len(t.told) }

// Has reports whether a topic is one of them.
func (t *Topics) Has(topic []byte) bool { _, ok := t.told[string(topic)]; return ok }

// Add notes that a topic was told.
func (t *Topics) Add(topic []byte) {
	if t.told == nil {
		t.told = map[string]uint32{}
	}
	t.told[string(topic)] = t.now
}

// Remove notes that a topic was cancelled.
func (t *Topics) Remove(topic []byte) { delete(t.told, string(topic)) }

// Untold removes the topics that were not told since Come, and calls end for each. After
// every so many it looks at it calls pause, which may let others change the topics; when
// that answers false, the subscriber is not the one that has come any more, and Untold
// answers false as well.
func (t *Topics) Untold(every int, pause func() bool, end func(topic string)) bool {
	if !t.back {
		return true
	}
	seen, most := 0, len(t.told)
	for topic, told := range t.told {
		if seen++; seen%every == 0 && !pause() {
			return false
		}
		if now, ok := t.told[topic]; told != t.now && ok && now != t.now {
			delete(t.told, topic)
			end(topic)
		}
	}
	t.back = false
	if n := len(t.told); n <= 10*every && n < most/2 { // a map keeps the room that it once had
		t.told = clone(t.told)
	}
	return true
}

func clone(m map[string]uint32) map[string]uint32 {
	c := make(map[string]uint32, len(m))
	for topic, told := range m {
		c[topic] = told
	}
	return c
}
