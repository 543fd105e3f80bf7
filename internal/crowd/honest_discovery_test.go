package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/mdns"
	"github.com/go-zactor/zactor/beacon/members"
	"github.com/go-zactor/zactor/internal/ztest"
)

func discoveryListeners() []listener {
	return []listener{
		beaconing(),
		resolving("mDNS, questions", false, question),
		resolving("mDNS, questions of its port", true, question),
		resolving("mDNS, answers", true, junkAnswer),
		joining(),
	}
}

// honestSource is the address of the honest peer, where one can be chosen, and homeSource that
// of what it looks for: the hostile one has 127.0.0.1.
var (
	honestSource = netip.MustParseAddr("127.0.0.2")
	homeSource   = netip.MustParseAddr("127.0.0.3")
)

// heard is what the honest peer says: its number follows.
const heard = "honest "

// beaconing: the honest beacon's payloads are heard, while the other one sends datagrams
// with the prefix that is listened for, as fast as it can.
func beaconing() listener {
	return listener{
		name: "beacon",
		serve: func(s *stage) place {
			at := s.udpPort()
			b, err := beacon.New(s.ctx, beacon.WithLoopback(true), beacon.WithPort(number(at)))
			s.ok(err)
			s.Cleanup(func() { b.Close() })
			b.Subscribe([]byte("ho"))
			arrived, signals := newTally(), b.Events(s.ctx)
			s.wg.Go(func() {
				for sig := range signals {
					arrived.reach(said(string(sig.Data)))
				}
			})
			return place{at, counted(arrived)}
		},
		honest: func(s *stage, at string, tell teller) service {
			b, err := beacon.New(s.ctx, beacon.WithLoopback(true), beacon.WithLoopbackAddr(honestSource), beacon.WithPort(number(at)))
			s.ok(err)
			s.Cleanup(func() { b.Close() })
			round := 0
			return func(ctx context.Context) error {
				for range visits() {
					round++
					if err := b.Publish(fmt.Append(nil, heard, round), 20*time.Millisecond); err != nil {
						return err
					}
					if err := tell(ctx, "wait", round); err != nil {
						return err
					}
				}
				b.Silence()
				return nil
			}
		},
		hostile: func(s *stage, at string) attack {
			return s.throws("127.255.255.255:"+at, func(n int) []byte { return fmt.Append(nil, "hostile ", n) })
		},
	}
}

// said is the number that an honest peer's words end with; 0 for others'.
func said(words string) int {
	if n, ok := strings.CutPrefix(words, heard); ok {
		return number(n)
	}
	return 0
}

// throws sends datagrams as fast as it can.
func (s *stage) throws(to string, datagram func(n int) []byte) attack {
	c, err := net.Dial("udp4", to)
	s.ok(err)
	s.Cleanup(func() { c.Close() })
	n := 0
	return func(context.Context) {
		n++
		_, _ = c.Write(datagram(n))
	}
}

const serviceKind = "_honest._tcp"

// resolving: a newcomer finds the service that is announced, while the hostile one
// multicasts what it likes, from a port of its own or from that of mDNS, without which
// nobody hears an answer. All three have addresses of their own, as on a network. Each
// service of the honest peer is one look for it.
func resolving(name string, shared bool, packet func(n int) *dns.Msg) listener {
	opts := func(at string) []mdns.Option {
		return []mdns.Option{mdns.WithLoopbackAddr(homeSource), mdns.WithPort(number(at))}
	}
	return listener{
		name: name, full: true,
		serve: func(s *stage) place {
			at := s.udpPort()
			a, err := mdns.Announce(s.ctx, mdns.Service{Instance: "honest", Type: serviceKind, Port: 1}, opts(at)...)
			s.ok(err)
			s.Cleanup(func() { a.Close() })
			b, err := mdns.Browse(s.ctx, serviceKind, opts(at)...) // what answers cost is its
			s.ok(err)
			s.Cleanup(func() { b.Close() })
			return place{at: at}
		},
		honest: func(_ *stage, at string, _ teller) service {
			return func(ctx context.Context) error {
				for range ztest.Size(1, 3) {
					if err := finds(ctx, append(opts(at), mdns.WithLoopbackAddr(honestSource))); err != nil {
						return err
					}
				}
				return nil
			}
		},
		hostile: func(s *stage, at string) attack {
			junk := make([][]byte, 5000)
			for i := range junk {
				b, err := packet(i).Pack()
				s.ok(err)
				junk[i] = b
			}
			from := "0"
			if shared {
				from = at
			}
			return s.multicasts(from, "224.0.0.251", at, func(n int) []byte { return junk[n%len(junk)] })
		},
	}
}

// finds looks for the service until it is found.
func finds(ctx context.Context, opts []mdns.Option) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b, err := mdns.Browse(ctx, serviceKind, opts...)
	if err != nil {
		return err
	}
	defer b.Close()
	for e := range b.Events(ctx) {
		if e.Service.Instance == "honest" {
			return nil
		}
	}
	return fmt.Errorf("it was not found: %w", context.Cause(ctx))
}

// question asks for the services that there are.
func question(int) *dns.Msg {
	return new(dns.Msg).SetQuestion(serviceKind+".local.", dns.TypePTR)
}

// junkAnswer says that there is one service more.
func junkAnswer(n int) *dns.Msg {
	m := new(dns.Msg)
	m.Response, m.Authoritative = true, true
	instance := fmt.Sprintf("junk%d.%s.local.", n, serviceKind)
	head := func(name string, typ uint16) dns.RR_Header {
		return dns.RR_Header{Name: name, Rrtype: typ, Class: dns.ClassINET, Ttl: 120}
	}
	m.Answer = []dns.RR{
		&dns.PTR{Hdr: head(serviceKind+".local.", dns.TypePTR), Ptr: instance},
		&dns.SRV{Hdr: head(instance, dns.TypeSRV), Port: 1, Target: fmt.Sprintf("host%d.local.", n)},
		&dns.TXT{Hdr: head(instance, dns.TypeTXT), Txt: []string{"a=b"}},
		&dns.A{Hdr: head(fmt.Sprintf("host%d.local.", n), dns.TypeA), A: net.IPv4(127, 0, 0, 1)},
	}
	return m
}

// joining: what the honest member announces is known, while the other one sends junk to the
// port, over UDP and TCP, as fast as it can. All three have addresses of their own, as on a
// network.
func joining() listener {
	member := func(s *stage, at netip.Addr, opts ...members.Option) *members.Members {
		m, err := members.New(s.ctx, append(opts, members.WithBind(netip.AddrPortFrom(at, 0).String()))...)
		s.ok(err)
		s.Cleanup(func() { m.Close() })
		return m
	}
	return listener{
		name: "members", full: true,
		serve: func(s *stage) place {
			m, arrived := member(s, homeSource), newTally()
			events := m.Events(s.ctx)
			s.wg.Go(func() {
				for e := range events {
					arrived.reach(said(e.Peer.Values["says"]))
				}
			})
			return place{m.Endpoint(), counted(arrived)}
		},
		honest: func(s *stage, at string, tell teller) service {
			m, round := member(s, honestSource, members.WithSeeds(at)), 0
			return func(ctx context.Context) error {
				for range ztest.Size(1, 3) { // memberlist says it some times by UDP, and each 30 s by TCP
					round++
					if err := m.Announce(ctx, beacon.Peer{ID: "honest", Values: map[string]string{"says": heard + strconv.Itoa(round)}}); err != nil {
						return err
					}
					if err := tell(ctx, "wait", round); err != nil {
						return err
					}
				}
				return nil
			}
		},
		hostile: func(s *stage, at string) attack {
			throw := s.throws(at, func(n int) []byte { return bytes.Repeat([]byte{byte(n)}, 1+n%1000) })
			return func(ctx context.Context) {
				for range 100 {
					throw(ctx)
				}
				if c, err := net.Dial("tcp", at); err == nil {
					_, _ = c.Write([]byte{byte(time.Now().Nanosecond()), 0xff, 0xff})
					c.Close()
				}
			}
		},
	}
}
