package zmq

import (
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/wire"
)

// requeueConfig tells connections what they do with messages that were lost: those of a
// PUSH hand them over to its policy, those of a PULL ask for doubles to be marked.
func (s *Socket) requeueConfig(cfg *session.Config, o *options) {
	if !o.requeue {
		return
	}
	if _, cfg.Requeue = s.tx.(requeuer); cfg.Requeue {
		return
	}
	cfg.Again = true
	cfg.Properties = append(cfg.Properties[:len(cfg.Properties):len(cfg.Properties)], wire.Property{Name: propAgain, Value: []byte("1")})
	cfg.MaxCommand = o.maxAgain()
}

// requeuer is a policy that takes messages back which the peer of a lost connection may
// not have: see session.Handler.
type requeuer interface {
	requeue(list [][]byte, tried int)
}

// maxAgain leaves room for the largest message in a command.
func (o *options) maxAgain() int {
	const perFrame, name = 9, 16
	if o.maxMsgSize <= 0 || o.maxParts <= 0 {
		return 1<<31 - 1
	}
	return int(min(o.maxMsgSize+int64(o.maxParts)*perFrame+name, 1<<31-1))
}
