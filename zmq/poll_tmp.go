package zmq

import "github.com/go-zactor/zactor/internal/ready"

type PollEvents = ready.Events

const (
	PollIn  = ready.In
	PollOut = ready.Out
)
