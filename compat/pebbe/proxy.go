package zmq4

import (
	"context"

	"github.com/go-zactor/zactor/zmq"
)

// Proxy moves messages between two sockets, both ways, and copies each to capture, which
// may be nil. It returns ETERM when the context is terminated, or another error of a
// socket. (zmq_proxy)
func Proxy(frontend, backend, capture *Socket) error {
	return ProxySteerable(frontend, backend, capture, nil)
}

// ProxySteerable is Proxy that obeys "PAUSE", "RESUME", "TERMINATE" and "STATISTICS" which
// arrive at control; TERMINATE ends it without an error. (zmq_proxy_steerable)
func ProxySteerable(frontend, backend, capture, control *Socket) error {
	var ends [4]*zmq.Socket
	for i, soc := range []*Socket{frontend, backend, capture, control} {
		if soc == nil {
			continue
		}
		core, err := soc.use()
		if err != nil {
			return err
		}
		ends[i] = core
	}
	p := zmq.NewProxy(ends[0], ends[1], ends[2])
	if ends[3] != nil {
		p.Control(ends[3])
	}
	return errnoOf(p.Run(context.Background()))
}
