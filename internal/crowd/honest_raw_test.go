package main

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// rawListeners are of a hostile peer that writes ZMTP itself, beside an honest DEALER that
// asks a ROUTER.
func rawListeners() (all []listener) {
	dealer := append(greeting("NULL"), isReady("DEALER")...)
	for _, l := range []struct {
		name         string
		first, again []byte
	}{
		{"PINGs", dealer, bytes.Repeat(command("PING", 0, 0), 100)},
		{"unknown commands", dealer, bytes.Repeat(command("NONSENSE", []byte("whatever")...), 100)},
		{"subscriptions to a ROUTER", dealer, bytes.Repeat(command("SUBSCRIBE", []byte("topic")...), 100)},
		{"messages of a thousand frames", dealer, thousand()},
		{"large messages", dealer, large(1 << 20)},
		{"malformed frames", dealer, bytes.Repeat([]byte{0xff}, 1000)},
		{"greetings of nobody", greeting("NOTHING"), isReady("DEALER")},
	} {
		all = append(all, listener{
			name:  l.name,
			serve: func(s *stage) place { return echoing(s, zmq.Router) },
			honest: func(s *stage, at string, _ teller) service {
				one := s.connected(zmq.Dealer, at)
				return func(ctx context.Context) error {
					return s.asks(ctx, one, func(*zmq.Socket) msg.Msg { return msg.NewString("question") })
				}
			},
			hostile: func(s *stage, at string) attack { return s.writes(at, l.first, l.again) },
		})
	}
	return all
}

// greeting is ZMTP 3.0's, RFC 23.
func greeting(mechanism string) []byte {
	b := make([]byte, 64)
	copy(b, []byte{0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0})
	copy(b[12:], mechanism)
	return b
}

func isReady(typ string) []byte {
	body := append([]byte{byte(len("Socket-Type"))}, "Socket-Type"...)
	body = binary.BigEndian.AppendUint32(body, uint32(len(typ)))
	return command("READY", append(body, typ...)...)
}

func command(name string, body ...byte) []byte {
	b := append([]byte{4, byte(1 + len(name) + len(body)), byte(len(name))}, name...)
	return append(b, body...)
}

func thousand() []byte {
	return append(bytes.Repeat([]byte{1, 1, 'x'}, 1000), 0, 1, 'x')
}

func large(size int) []byte {
	b := binary.BigEndian.AppendUint64([]byte{2}, uint64(size))
	return append(b, make([]byte, size)...)
}
