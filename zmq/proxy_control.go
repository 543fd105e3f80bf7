package zmq

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/go-zactor/zactor/msg"
)

// obey takes commands from the control socket until the proxy ends.
func (p *SteerableProxy) obey(ctx context.Context) error {
	for {
		cmd, err := p.control.RecvString(ctx)
		if err != nil {
			return err
		}
		answer := msg.New([]byte{})
		switch cmd {
		case "PAUSE":
			p.Pause()
		case "RESUME":
			p.Resume()
		case "STATISTICS":
			answer = p.Statistics().frames()
		case "TERMINATE":
			defer p.Stop() // once it has been answered
		}
		if cmd == "STATISTICS" || p.control.typ == Rep {
			if err := p.control.Send(ctx, answer); err != nil && !errors.Is(err, ErrNotSupported) {
				return fmt.Errorf("answer %q: %w", cmd, err)
			}
		}
		if cmd == "TERMINATE" {
			return errStopped
		}
	}
}

// frames is libzmq's form of the statistics.
func (s ProxyStats) frames() msg.Msg {
	var m msg.Msg
	for _, side := range []ProxySide{s.Frontend, s.Backend} {
		for _, n := range []uint64{side.Received, side.ReceivedBytes, side.Sent, side.SentBytes} {
			m.Append(binary.NativeEndian.AppendUint64(nil, n))
		}
	}
	return m
}
