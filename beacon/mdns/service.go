package mdns

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/mdns/internal/dnssd"
	"github.com/go-zactor/zactor/internal/feed"
)

// A Service is what DNS-SD (RFC 6763) makes known and finds.
type Service struct {
	Instance string // the name that people see: 1 to 63 bytes of UTF-8, with dots and spaces as you like
	Type     string // "_zre._tcp": what the service speaks
	Port     uint16
	// Text is the TXT record: key and value together have at most 254 bytes, and all
	// of them about 1300. A key is printable ASCII without "=", and case does not count
	// in it. Of a found service that gives a key twice, the first is here.
	Text     map[string]string
	Subtypes []string // further names to find it by; empty in what Browse finds
	Host     string   // the full name of the host, in what Browse finds; empty in what is announced
}

// text returns the strings of the TXT record, in the order of the keys.
func (s Service) text() ([]string, error) {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(s.Text)) {
		if err := checkTextKey(key); err != nil {
			return nil, err
		}
		list = append(list, key+"="+s.Text[key])
	}
	return list, nil
}

// checkTextKey obeys RFC 6763, section 6.4: "The characters of a key MUST be printable
// US-ASCII values (0x20-0x7E) [RFC20], excluding '=' (0x3D)", and "The key MUST be at
// least one character."
func checkTextKey(key string) error {
	if key == "" {
		return fmt.Errorf("%w: empty text key", ErrInvalidService)
	}
	for i := range len(key) {
		if c := key[i]; c < ' ' || c > '~' || c == '=' {
			return fmt.Errorf("%w: text key %q: must be printable ASCII without =", ErrInvalidService, key)
		}
	}
	return nil
}

// parseText obeys RFC 6763, section 6.4: "If a client receives a TXT record containing
// the same key more than once, then the client MUST silently ignore all but the first
// occurrence of that attribute", and strings "beginning with an '=' character (i.e.,
// the key is missing) MUST be silently ignored."
func parseText(list []string) map[string]string {
	m := make(map[string]string, len(list))
	seen := make(map[string]bool, len(list))
	for _, text := range list {
		key, value, _ := strings.Cut(text, "=")
		if folded := strings.ToLower(key); key != "" && !seen[folded] {
			seen[folded] = true
			m[key] = value
		}
	}
	return m
}

// record turns a Service into what is announced.
func (s Service) record() (dnssd.Service, error) {
	kind, err := dnssd.ParseType(s.Type)
	if err == nil && strings.Contains(kind, "._sub.") {
		err = fmt.Errorf("service type %q: a subtype belongs into Subtypes", s.Type)
	}
	if err != nil {
		return dnssd.Service{}, fmt.Errorf("%w: %w", ErrInvalidService, err)
	}
	text, err := s.text()
	if err != nil {
		return dnssd.Service{}, err
	}
	r := dnssd.Service{Instance: s.Instance, Type: kind, Subtypes: slices.Clone(s.Subtypes), Port: s.Port, Text: text}
	if err := r.Check(); err != nil {
		return r, fmt.Errorf("%w: %w", ErrInvalidService, err)
	}
	return r, nil
}

// A ServiceEvent says that a service was found, has changed or was lost on one
// interface. A service that is reached over two interfaces is found on both.
type ServiceEvent struct {
	Kind      beacon.EventKind // Found, Changed or Lost; Lost carries what was known last
	Service   Service
	Addrs     []netip.Addr // of its host; link-local IPv6 addresses have their zone
	Interface string

	key dnssd.Key
}

func serviceEvent(c feed.Change[dnssd.Key, dnssd.Finding]) ServiceEvent {
	f := c.Value
	return ServiceEvent{
		Kind: beacon.EventKind(c.Kind),
		Service: Service{
			Instance: f.Instance, Type: strings.TrimSuffix(f.Type, "."+dnssd.Domain), Port: f.Port,
			Text: parseText(f.Text), Host: f.Host,
		},
		Addrs:     slices.Clone(f.Addrs),
		Interface: f.Interface,
		key:       c.Key,
	}
}
