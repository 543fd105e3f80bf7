package beacon

import (
	"time"

	"github.com/go-zactor/zactor/beacon/internal/dnssd"
)

// mdnsRate is how many packets of multicast DNS a second are looked at by default.
const mdnsRate = 1000

// newMDNSConfig applies the options to the defaults of multicast DNS, whose groups
// are fixed.
func newMDNSConfig(opts []Option) (config, error) {
	c := defaults()
	c.port, c.rate = dnssd.Port, mdnsRate
	c, err := c.with(opts)
	if err != nil {
		return c, err
	}
	if len(c.casts) > 0 {
		return c, invalid("multicast and broadcast: mDNS has groups of its own")
	}
	c.casts = []cast{{dnssd.Group4, 255}, {dnssd.Group6, 255}}
	return c, nil
}

// WithHost sets the name under which [Announce] makes this host's addresses known,
// one label without ".local". The default is the system's host name with a few
// random letters, because the name itself may be the business of another program
// (avahi, Bonjour), which would have to give it up if our addresses differed from
// its own. A name that is taken gets a number.
func WithHost(name string) Option {
	return func(c *config) error {
		if name == "" {
			return invalid("host %q: must have 1 to 63 bytes", name)
		}
		c.host = name
		return nil
	}
}

// WithTTL sets for how long others may believe what [Announce] said after this host
// has fallen silent, in whole seconds. The default is what RFC 6762 recommends: two
// minutes for the address and port, 75 minutes for the rest. A short time finds dead
// hosts soon and costs a question and an answer in each four fifths of it.
func WithTTL(d time.Duration) Option {
	return func(c *config) error {
		if d < time.Second || d > 24*time.Hour {
			return invalid("ttl %v: must be a second to a day", d)
		}
		seconds := uint32((d + time.Second - 1) / time.Second)
		c.life = dnssd.Lifetime{Host: seconds, Other: seconds}
		return nil
	}
}

// WithMaxPeers sets how many services of one interface [Browse], or how many peers a
// Discoverer, remembers. What comes above is ignored until others have gone.
func WithMaxPeers(n int) Option {
	return func(c *config) error {
		c.limit = n
		return atLeast("max peers", n, 1)
	}
}

// WithInterval sets how often a UDP Discoverer sends its beacon.
func WithInterval(every time.Duration) Option {
	return func(c *config) error {
		if every < minInterval {
			return invalid("interval %v: must be at least %v", every, minInterval)
		}
		c.interval = every
		return nil
	}
}

// WithExpiry sets after how long without a beacon a UDP Discoverer gives a peer up. It
// should be a few intervals, because datagrams get lost.
func WithExpiry(d time.Duration) Option {
	return func(c *config) error {
		if d < minInterval {
			return invalid("expiry %v: must be at least %v", d, minInterval)
		}
		c.expiry = d
		return nil
	}
}
