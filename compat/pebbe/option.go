package zmq4

import (
	"fmt"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// likeLibzmq are the options by which a socket of the core behaves as libzmq's: no
// bounds but the high-water marks, a linger time without end.
func likeLibzmq() []zmq.Option {
	return []zmq.Option{
		zmq.WithLinger(-1), zmq.WithHandshakeInterval(30 * time.Second),
		zmq.WithMaxMsgSize(-1), zmq.WithMaxParts(0), zmq.WithSendBytes(0), zmq.WithRecvBytes(0),
	}
}

// setOption sets an option by libzmq's name.
func (soc *Socket) setOption(name string, value any) error {
	core, err := soc.use()
	if err != nil {
		return err
	}
	return errnoOf(core.Set(zmq.WithOption(name, value)))
}

// option reads an option by libzmq's name. Flags are 0 or 1 where a number is wanted,
// and numbers of other sizes are converted.
func option[T any](soc *Socket, name string) (v T, err error) {
	core, err := soc.use()
	if err != nil {
		return v, err
	}
	got, err := core.Option(name)
	if err != nil {
		return v, errnoOf(err)
	}
	if d, ok := got.(time.Duration); ok && d < 0 {
		got = time.Duration(-1) // without end, however the core has it
	}
	if v, ok := got.(T); ok {
		return v, nil
	}
	switch to := any(&v).(type) {
	case *int:
		*to = number(got)
	case *uint64:
		*to = uint64(number(got))
	case *time.Duration:
		*to = time.Duration(number(got)) * time.Millisecond
	case *string:
		*to = fmt.Sprintf("%s", got)
	default:
		return v, Errno(syscall.EINVAL)
	}
	return v, nil
}

func number(v any) int {
	switch v := v.(type) {
	case bool:
		if v {
			return 1
		}
	case int:
		return v
	case int64:
		return int(v)
	case uint64:
		return int(v)
	}
	return 0
}
