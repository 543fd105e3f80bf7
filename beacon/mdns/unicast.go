package mdns

import (
	"io"
	"log"
	"net"
	"sync/atomic"
	"time"

	"github.com/hashicorp/mdns"
	"github.com/miekg/dns"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/beacon/mdns/internal/dnssd"
	"github.com/go-zactor/zactor/internal/logs"
)

// unicastRate is how many records a second are given out by unicast. The source of a
// question can be forged, and an answer is longer than its question.
const unicastRate = 500

// unicastServers answers the questions that ask for a unicast answer, with a server
// of hashicorp/mdns for each interface. Those servers always answer the asker alone,
// from port 5353, which is right for these questions and for no others. Since a Zone
// is not told where a question came from, addresses, which go by interface, are left
// to the responder.
type unicastServers struct {
	enabled bool
	zone    atomic.Pointer[dnssd.Zone] // shared with the servers' goroutines
	limit   *lan.Limiter               // shared with the servers' goroutines
	log     *log.Logger
	servers map[int]*mdns.Server // by interface
}

func newUnicastServers(c config) *unicastServers {
	u := &unicastServers{
		enabled: c.port == dnssd.Port, limit: lan.NewLimiter(unicastRate), servers: make(map[int]*mdns.Server),
		log: log.New(io.Discard, "", 0),
	}
	if c.log.Enabled(logs.Debug) {
		u.log = log.New(quoted{c.log}, "", 0)
	}
	return u
}

// quoted keeps what peers have sent out of the log's own syntax, and short.
type quoted struct{ log logs.Logger }

func (q quoted) Write(b []byte) (int, error) {
	q.log.Debug("mdns: unicast", logs.Str("server", string(b[:min(len(b), 255)])))
	return len(b), nil
}

// Records is the mdns.Zone of all servers.
func (u *unicastServers) Records(q dns.Question) []dns.RR {
	z := u.zone.Load()
	if z == nil {
		return nil
	}
	list := z.Records(q)
	if len(list) > 0 && !u.limit.Allow(time.Now()) {
		return nil
	}
	return list
}

// follow starts and stops servers so that each interface in use has one, and says
// whether that was possible.
func (u *unicastServers) follow(targets []lan.Target) bool {
	if !u.enabled {
		return false
	}
	wanted := make(map[int]string)
	for _, t := range targets {
		wanted[t.Index] = t.NIC
	}
	for index, s := range u.servers {
		if _, ok := wanted[index]; !ok {
			_ = s.Shutdown() // it never fails
			delete(u.servers, index)
		}
	}
	for index, name := range wanted {
		if u.servers[index] == nil {
			u.start(index, name)
		}
	}
	return len(u.servers) == len(wanted)
}

func (u *unicastServers) start(index int, name string) {
	nic, err := net.InterfaceByIndex(index)
	if err != nil {
		return // gone again; the next look will see
	}
	s, err := mdns.NewServer(&mdns.Config{Zone: u, Iface: nic, Logger: u.log})
	if err != nil {
		u.log.Printf("no server on %s: %v", name, err)
		return
	}
	u.servers[index] = s
}

func (u *unicastServers) shutdown() {
	for _, s := range u.servers {
		_ = s.Shutdown() // it never fails
	}
	clear(u.servers)
}
