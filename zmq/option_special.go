package zmq

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/wire"
)

// This file has the rules and the rows of the table that are like no other.

// Limits of names, in bytes.
const (
	maxRoutingID = 255
	maxDomain    = 255 // RFC 27, for strings in a request
	maxSocksText = 255 // RFC 1929
	maxDevice    = 15  // Linux, IFNAMSIZ without the zero
)

var (
	routingID = rule[[]byte]{text: "1 to 255 bytes that do not begin with zero: such ids are made by ROUTER", ok: func(id []byte) bool {
		return len(id) > 0 && len(id) <= maxRoutingID && id[0] != 0
	}}
	connectID = rule[[]byte]{text: "255 bytes at most that do not begin with zero: such ids are made by ROUTER; empty: none", ok: func(id []byte) bool {
		return len(id) <= maxRoutingID && (len(id) == 0 || id[0] != 0)
	}}
	ttl = rule[time.Duration]{text: "0 to 6553.599s", ok: func(d time.Duration) bool {
		return d >= 0 && d <= 6553599*time.Millisecond
	}}
	domain = rule[string]{text: "of 255 bytes at most, none of them zero", ok: func(s string) bool {
		return len(s) <= maxDomain && !strings.ContainsRune(s, 0)
	}}
	proxyAddress = rule[string]{text: "host:port, or empty for none", ok: func(s string) bool {
		host, port, err := net.SplitHostPort(s)
		return s == "" || err == nil && host != "" && port != ""
	}}
	descriptor = rule[int]{text: "-1 (none) or above 0", ok: func(n int) bool { return n == -1 || n > 0 }}
)

// hidden is a row whose value stays in the socket.
func hidden(row optionRow) optionRow {
	row.secret, row.def = true, ""
	return row
}

// secured is a row for what a mechanism was made of. It is set together with the
// rest of the mechanism.
func secured(name, with, form, says string, get func(*protection) any) optionRow {
	row := optionRow{name: name, with: with, form: form, effect: atNext, says: says}
	if get != nil {
		row.get = func(_ *Socket, o *options) any { return get(&o.sec) }
		row.def = get(&protection{})
	}
	return row
}

// Why options are refused that libzmq has.
var (
	errNoKerberos = errors.New("there is no GSSAPI here, and a socket must not be less safe than its program believes")
	errRouterRaw  = errors.New("libzmq has given it up, too: a STREAM talks to plain programs")
)

// refused is a row for what is known and not there.
func refused(name string, why error) optionRow {
	return optionRow{
		name: name, effect: isRefused, says: why.Error(),
		set: func(*options, any) error { return why },
	}
}

// inverse is a row for the contrary of another one.
func inverse(name, with string, at func(*options) *bool, says string) optionRow {
	row := field(name, with, at, true, onOff, nil, atNext, says)
	row.init = nil
	row.get = func(_ *Socket, o *options) any { return !*at(o) }
	row.set = func(o *options, v any) error {
		on, err := as[bool](v)
		if err == nil {
			*at(o) = !on
		}
		return err
	}
	return row
}

// setVerbose is about subscriptions only, and so takes back what the option below
// said of cancellations; as in libzmq the later of the two rules.
func setVerbose(o *options, on bool)    { o.xpubVerbose, o.xpubVerboser = on, false }
func setVerboser(o *options, on bool)   { o.xpubVerbose, o.xpubVerboser = on, on }
func setManual(o *options, on bool)     { o.xpubManual = on }
func setManualLast(o *options, on bool) { o.xpubManual, o.xpubLast = on, on }

// metadataRow collects properties.
var metadataRow = optionRow{
	name: "METADATA", with: "WithMetadata", form: "string", def: "", effect: atNext,
	rule: "name:value, where the name begins with X-", says: "a property that each peer is told",
	set: func(o *options, v any) error {
		text, err := as[string](v)
		if err != nil {
			return err
		}
		name, value, _ := strings.Cut(text, ":")
		switch {
		case !strings.HasPrefix(name, "X-") || len(name) == 2 || len(name) > 255:
			return fmt.Errorf("must have a name that begins with X- and has at most 255 bytes")
		case value == "":
			return fmt.Errorf("must be name:value with a value")
		}
		o.metadata = append(slices.Clip(o.metadata), wire.Property{Name: name, Value: []byte(value)})
		return nil
	},
	get: func(_ *Socket, o *options) any {
		parts := make([]string, len(o.metadata))
		for i, p := range o.metadata {
			parts[i] = p.Name + ":" + string(p.Value)
		}
		return strings.Join(parts, "\n")
	},
}

// acceptFilterRow collects ranges of addresses.
var acceptFilterRow = optionRow{
	name: "TCP_ACCEPT_FILTER", with: "WithTCPAcceptFilter", form: "string", def: "", effect: atNext,
	rule: "an address or a range such as 10.0.0.0/8", says: "addresses that may connect over tcp; each call adds one, empty clears",
	set: func(o *options, v any) error {
		text, err := as[string](v)
		if err != nil {
			return err
		}
		if text == "" {
			o.accept.tcp = nil
			return nil
		}
		p, err := addressRange(text)
		if err == nil {
			o.accept.tcp = append(slices.Clip(o.accept.tcp), p)
		}
		return err
	},
	get: func(_ *Socket, o *options) any {
		parts := make([]string, len(o.accept.tcp))
		for i, p := range o.accept.tcp {
			parts[i] = p.String()
		}
		return strings.Join(parts, "\n")
	},
}

// addressRange is what an accept filter says.
func addressRange(text string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("must be an address or a range such as 10.0.0.0/8")
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// ipcFilter is a row that collects ids.
func ipcFilter(name, with string, at func(*ipcFilters) *[]int, says string) optionRow {
	return optionRow{
		name: name, with: with, form: "[]int", def: "", effect: atNext, rule: "0 or more", says: says + "; each call adds, none clears; Linux",
		set: func(o *options, v any) error {
			ids, ok := v.([]int)
			if n, one := integer(v); one {
				ids, ok = []int{int(n)}, true
			}
			if !ok {
				return fmt.Errorf("must be a []int, is a %T", v)
			}
			if i := slices.IndexFunc(ids, func(id int) bool { return id < 0 }); i >= 0 {
				return fmt.Errorf("must be 0 or more")
			}
			list := at(&o.accept.ipc)
			if *list = append(slices.Clip(*list), ids...); len(ids) == 0 {
				*list = nil
			}
			return nil
		},
		get: func(_ *Socket, o *options) any { return fmt.Sprint(*at(&o.accept.ipc)) },
	}
}

var loggerRow = optionRow{
	name: "LOGGER", with: "WithLogger", form: "zerolog.Logger", def: "silent", effect: atNext,
	says: "one line for each connection that ends (ours)",
	set: func(o *options, v any) error {
		if l, ok := v.(*slog.Logger); ok {
			o.log = o.log.Slog(l)
			return nil
		}
		l, err := as[zerolog.Logger](v)
		if err == nil {
			o.log, o.zerolog = o.log.Zerolog(l), l
		}
		return err
	},
	get: func(_ *Socket, o *options) any { return o.zerolog },
}

var listenerRow = optionRow{
	name: "LISTENER", with: "WithListener", form: "net.Listener", effect: atNext,
	says: "a listener that the next Bind takes connections from (ours)",
	set: func(o *options, v any) error {
		l, ok := v.(net.Listener)
		if !ok && v != nil {
			return fmt.Errorf("must be a net.Listener, is a %T", v)
		}
		o.listener = l
		return nil
	},
	get: func(_ *Socket, o *options) any { return o.listener },
}

func (e *endpoints) lastEndpoint() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last
}
