package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/ipv4"

	"github.com/go-zactor/zactor/internal/pgm/packet"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

func multicastListeners() []listener {
	return []listener{
		datagrams(),
		multicast("epgm, one source", func(int) uint16 { return 1 }),
		multicast("epgm, many sources", func(n int) uint16 { return uint16(n) }),
	}
}

// multicasts sends datagrams to a group on the loopback as fast as it can, from a port of its
// own if from is "0", and otherwise from one that it shares.
func (s *stage) multicasts(from, group, port string, datagram func(n int) []byte) attack {
	lc := net.ListenConfig{}
	if from != "0" {
		lc.Control = sharePort
	}
	c, err := lc.ListenPacket(s.ctx, "udp4", "127.0.0.1:"+from)
	s.ok(err)
	s.Cleanup(func() { c.Close() })
	p := ipv4.NewPacketConn(c)
	nic, err := net.InterfaceByName("lo")
	if err != nil {
		s.Skip(err)
	}
	s.ok(p.SetMulticastInterface(nic))
	s.ok(p.SetMulticastLoopback(true))
	to, n := net.UDPAddrFromAddrPort(netip.MustParseAddrPort(net.JoinHostPort(group, port))), 0
	return func(context.Context) {
		n++
		_, _ = p.WriteTo(datagram(n), nil, to)
	}
}

// datagrams: the honest program's datagrams are answered, while the other one sends as fast
// as it can. One that is lost is sent again.
func datagrams() listener {
	return listener{
		name: "DGRAM",
		serve: func(s *stage) place {
			s.carrier = "udp"
			return echoing(s, zmq.Dgram)
		},
		honest: func(s *stage, at string, _ teller) service {
			c, err := net.Dial("udp4", hostPort(at))
			s.ok(err)
			s.Cleanup(func() { c.Close() })
			round := 0
			return func(ctx context.Context) error {
				for range s.trips() {
					round++
					if err := answered(ctx, c, fmt.Sprint("question ", round)); err != nil {
						return err
					}
				}
				return nil
			}
		},
		hostile: func(s *stage, at string) attack {
			junk := make([]byte, 100)
			return s.throws(hostPort(at), func(int) []byte { return junk })
		},
	}
}

// again is after how long a datagram counts as lost.
const again = 5 * time.Millisecond

// answered sends a datagram until the same comes back.
func answered(ctx context.Context, c net.Conn, question string) error {
	b := make([]byte, 100)
	for ctx.Err() == nil {
		if _, err := c.Write([]byte(question)); err != nil {
			return err
		}
		_ = c.SetReadDeadline(time.Now().Add(again))
		for n, err := 0, error(nil); err == nil; {
			if n, err = c.Read(b); string(b[:n]) == question {
				return nil
			}
		}
	}
	return ctx.Err()
}

// multicast: what the honest publisher sends arrives, while the other one sends packets of
// made-up sources to the same group as fast as it can.
func multicast(name string, source func(n int) uint16) listener {
	return listener{
		name: name,
		serve: func(s *stage) place {
			at := fmt.Sprintf("epgm://127.0.0.1;239.193.%d.%d:%s", rand.IntN(256), 1+rand.IntN(254), s.udpPort())
			sock, arrived := s.socket(zmq.Sub), newTally()
			s.ok(sock.Subscribe(heard))
			if _, err := sock.Bind(at); err != nil {
				s.Skipf("no multicast on the loopback: %v", err)
			}
			s.each(sock, func(m msg.Msg) { arrived.reach(said(string(m.Frames[0]))); m.Release() })
			return place{at, counted(arrived)}
		},
		honest: func(s *stage, at string, tell teller) service {
			pub, total := s.socket(zmq.Pub), 0
			s.ok(pub.Connect(at, zmq.WithMulticastRate(100_000)))
			send := func(ctx context.Context) error {
				total++
				return pub.SendString(ctx, heard+fmt.Sprint(total))
			}
			s.ok(s.known(func() error { return send(s.ctx) }, tell))
			return func(ctx context.Context) error {
				for range rated() {
					for range portion {
						if err := send(ctx); err != nil {
							return err
						}
					}
					if err := tell(ctx, "wait", total); err != nil {
						return err
					}
				}
				return nil
			}
		},
		hostile: func(s *stage, at string) attack {
			_, to, _ := strings.Cut(at, ";")
			group, port, err := net.SplitHostPort(to)
			s.ok(err)
			return s.multicasts("0", group, port, func(n int) []byte {
				h := packet.Header{SourcePort: source(n), DestPort: uint16(number(port)), GSI: packet.GSI{1, 2, 3, 4, 5, 6}}
				return h.AppendData(nil, packet.Data{Sqn: uint32(n), Trail: uint32(max(0, n-100)), Body: make([]byte, 100)})
			})
		},
	}
}

// known has a publisher send until it is heard: a group hears a source from its first
// packet on.
func (s *stage) known(send func() error, tell teller) error {
	return poll(s.ctx, func() bool {
		if err := send(); err != nil {
			s.Error(err)
			return true
		}
		return tell(s.ctx, "have", 1) == nil
	})
}
