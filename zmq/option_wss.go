package zmq

import (
	"crypto/tls"
	"fmt"
	"path"
	"slices"
	"strings"
)

var tlsConfigRow = optionRow{
	name: "TLS_CONFIG", with: "WithTLSConfig", form: "*tls.Config", effect: atNext,
	says: "wss: all of TLS, in place of the WSS options (ours)",
	set: func(o *options, v any) error {
		c, err := as[*tls.Config](v)
		if err == nil {
			o.wss.config = c
		}
		return err
	},
	get: func(_ *Socket, o *options) any { return o.wss.config },
}

var (
	originsRow = hostsRow("WS_ORIGINS", "WithWSOrigins", "further hosts whose web pages may connect", func(o *options) *[]string { return &o.origins })
	wsHostsRow = hostsRow("WS_HOSTS", "WithWSHosts", "further names of this host, whose web pages may connect", func(o *options) *[]string { return &o.wsHosts })
)

// hostsRow is an option that is patterns of hosts.
func hostsRow(name, with, says string, field func(*options) *[]string) optionRow {
	return optionRow{
		name: name, with: with, form: "[]string", def: "", effect: atNext,
		rule: "patterns of hosts, as *.example.com", says: "ws, wss: " + says + "; each call adds, none clears (ours)",
		set: func(o *options, v any) error {
			patterns, err := hostPatterns(v)
			if err != nil {
				return err
			}
			list := field(o)
			*list = append(slices.Clip(*list), patterns...)
			if len(patterns) == 0 {
				*list = nil
			}
			return nil
		},
		get: func(_ *Socket, o *options) any { return strings.Join(*field(o), "\n") },
	}
}

func hostPatterns(v any) ([]string, error) {
	patterns, ok := v.([]string)
	if one, single := v.(string); single {
		patterns, ok = []string{one}, true
	}
	if !ok {
		return nil, fmt.Errorf("must be a []string, is a %T", v)
	}
	if len(patterns) == 1 && patterns[0] == "" {
		return nil, nil
	}
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil || p == "" {
			return nil, fmt.Errorf("must be patterns of hosts: %q is none", p)
		}
	}
	return patterns, nil
}
