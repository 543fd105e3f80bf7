package zmq

import "github.com/go-zactor/zactor/internal/durable"

// TopicCount is how many topics the peers of a publisher have.
func (s *Socket) TopicCount() int { return s.topicsCount() }

// SetAwayTopics bounds what durable subscribers that are away may have subscribed to.
func (s *Socket) SetAwayTopics(n int) {
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	s.tx.(*pub).streams.names = durable.NewNames[principal, *durableStream](durable.Quota{
		All: maxStreams, Owner: maxUserStreams, AwayTopics: n, AwayBytes: maxTopicBytes,
	})
}
