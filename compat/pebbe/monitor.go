package zmq4

import (
	"encoding/binary"

	"github.com/go-zactor/zactor/zmq"
)

// Monitor publishes the socket's events of some kinds at an inproc endpoint: connect a
// PAIR of the same context there and call RecvEvent on it. An empty endpoint ends it.
// (zmq_socket_monitor)
func (soc *Socket) Monitor(addr string, events Event) error {
	core, err := soc.use()
	if err != nil {
		return err
	}
	return endpointErrno(addr, core.MonitorSocket(addr, zmq.EventMask(events)))
}

// RecvEvent receives an event on a PAIR that is connected to a monitor: its kind, the
// endpoint, and its value, which is a descriptor, an error number or milliseconds.
func (soc *Socket) RecvEvent(flags Flag) (event_type Event, addr string, value int, err error) {
	parts, _, err := soc.message(flags)
	if err != nil {
		return 0, "", 0, err
	}
	if len(parts) != 2 || len(parts[0]) != 6 {
		return 0, "", 0, ErrorMoreExpected
	}
	kind := binary.NativeEndian.Uint16(parts[0])
	return Event(kind), string(parts[1]), int(int32(binary.NativeEndian.Uint32(parts[0][2:]))), nil
}
