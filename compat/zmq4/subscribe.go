package zmq4

import (
	"fmt"
	"slices"

	"github.com/go-zactor/zactor/zmq"
)

// The names of options, for SetOption and GetOption.
const (
	OptionSubscribe   = "SUBSCRIBE"   // a string: the prefix of what a SUB or XSUB wants
	OptionUnsubscribe = "UNSUBSCRIBE" // a string: the end of an earlier SUBSCRIBE
	OptionHWM         = "HWM"         // an int: the messages that wait for one peer; 0: no bound
)

// Topics is what the sockets of this package can do besides. The topics are sorted:
// what a SUB or XSUB has subscribed to, or what the peers of a PUB or XPUB have.
type Topics interface {
	Topics() []string
}

func (s *socket) Topics() []string {
	if s.core == nil {
		return nil
	}
	return s.core.Topics()
}

func (s *socket) SetOption(name string, value any) error {
	if err := s.usableNow(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.set(name, value); err != nil {
		return s.translated(err)
	}
	s.props[name] = value
	return nil
}

// set sets one option. Subscriptions are a set here: a second one for the same
// topic says nothing.
func (s *socket) set(name string, value any) error {
	topic, isText := value.(string)
	hwm, isInt := value.(int)
	has := func() bool { return slices.Contains(s.core.Topics(), topic) }
	switch {
	case name == OptionSubscribe && isText && s.subscribes():
		if has() {
			return nil
		}
		return s.core.Subscribe(topic)
	case name == OptionUnsubscribe && isText && s.subscribes():
		return s.core.Unsubscribe(topic)
	case name == OptionHWM && isInt:
		return s.core.Set(zmq.WithSendHWM(hwm), zmq.WithRecvHWM(hwm))
	}
	return fmt.Errorf("%w: %s = %T on %s", ErrBadProperty, name, value, s.typ)
}

func (s *socket) subscribes() bool { return s.typ == Sub || s.typ == XSub }

func (s *socket) GetOption(name string) (any, error) {
	if s.err != nil {
		return nil, s.err
	}
	s.mu.Lock()
	value, ok := s.props[name]
	s.mu.Unlock()
	if ok {
		return value, nil
	}
	value, err := s.core.Option(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadProperty, err)
	}
	return value, nil
}
