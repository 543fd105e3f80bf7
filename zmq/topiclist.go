package zmq

import "slices"

// Topics lists topics, sorted and each once: what a SUB or XSUB has subscribed to,
// and what the peers of a PUB or XPUB have. It is empty for other types.
func (s *Socket) Topics() []string {
	var list []string
	add := func(topic []byte) { list = append(list, string(topic)) }
	if s.row.Subscribes {
		s.topics.setMu.RLock()
		s.topics.set.All(add)
		s.topics.setMu.RUnlock()
	} else {
		s.sendMu.Lock()
		s.out.fan.index.All(add)
		s.sendMu.Unlock()
	}
	slices.Sort(list)
	return list
}
