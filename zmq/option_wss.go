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

var originsRow = optionRow{
	name: "WS_ORIGINS", with: "WithWSOrigins", form: "[]string", def: "", effect: atNext,
	rule: "patterns of hosts, as *.example.com", says: "ws, wss: further hosts whose web pages may connect; each call adds, none clears (ours)",
	set: func(o *options, v any) error {
		patterns, ok := v.([]string)
		if one, single := v.(string); single {
			patterns, ok = []string{one}, true
		}
		if !ok {
			return fmt.Errorf("must be a []string, is a %T", v)
		}
		if len(patterns) == 1 && patterns[0] == "" {
			patterns = nil
		}
		for _, p := range patterns {
			if _, err := path.Match(p, ""); err != nil || p == "" {
				return fmt.Errorf("must be patterns of hosts: %q is none", p)
			}
		}
		o.origins = append(slices.Clip(o.origins), patterns...)
		if len(patterns) == 0 {
			o.origins = nil
		}
		return nil
	},
	get: func(_ *Socket, o *options) any { return strings.Join(o.origins, "\n") },
}
