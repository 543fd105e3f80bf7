package auth

import (
	"fmt"
	"maps"
	"net/netip"
)

// rules says which addresses pass. One that is changed is copied: readers have no
// lock.
type rules struct {
	prefixes map[netip.Prefix]bool // true: pass
	ipc      *bool
	allows   int // rules that let pass; with any, who matches none is shut out
}

// rule is one parsed rule.
type rule struct {
	ipc    bool
	prefix netip.Prefix
}

// parseRules reads "10.0.0.0/8", "2001:db8::/32", "192.0.2.1" and "ipc".
func parseRules(texts []string) ([]rule, error) {
	list := make([]rule, 0, len(texts))
	for _, text := range texts {
		r, err := parseRule(text)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

func parseRule(text string) (rule, error) {
	if text == ipcRule {
		return rule{ipc: true}, nil
	}
	if ip, err := netip.ParseAddr(text); err == nil && ip.Zone() == "" {
		ip = ip.Unmap()
		return rule{prefix: netip.PrefixFrom(ip, ip.BitLen())}, nil
	}
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return rule{}, fmt.Errorf(`%w: %.64q: must be an address, a prefix such as 10.0.0.0/8, or "ipc"`, ErrInvalidRule, text)
	case p.Masked() != p:
		return rule{}, fmt.Errorf("%w: %q: has bits behind its length; did you mean %v?", ErrInvalidRule, text, p.Masked())
	case p.Addr().Is4In6():
		return rule{}, fmt.Errorf("%w: %q: write it as IPv4", ErrInvalidRule, text)
	}
	return rule{prefix: p}, nil
}

// with is the rules with more of them; a rule for the same prefix is replaced.
func (rs rules) with(list []rule, pass bool) rules {
	return rs.edit(func(next *rules) {
		for _, r := range list {
			if r.ipc {
				next.ipc = &pass
			} else {
				next.prefixes[r.prefix] = pass
			}
		}
	})
}

// without is the rules without some of them.
func (rs rules) without(list []rule) rules {
	return rs.edit(func(next *rules) {
		for _, r := range list {
			if r.ipc {
				next.ipc = nil
			} else {
				delete(next.prefixes, r.prefix)
			}
		}
	})
}

func (rs rules) edit(fn func(*rules)) rules {
	next := rules{prefixes: maps.Clone(rs.prefixes), ipc: rs.ipc}
	if next.prefixes == nil {
		next.prefixes = map[netip.Prefix]bool{}
	}
	fn(&next)
	for _, pass := range next.prefixes {
		if pass {
			next.allows++
		}
	}
	if next.ipc != nil && *next.ipc {
		next.allows++
	}
	return next
}

// pass reports whether an address passes. The longest prefix decides.
func (rs rules) pass(o origin) bool {
	if o.local && rs.ipc != nil {
		return *rs.ipc
	}
	if o.ip.IsValid() {
		for bits := o.ip.BitLen(); bits >= 0; bits-- {
			p, err := o.ip.Prefix(bits)
			if err != nil {
				break
			}
			if pass, ok := rs.prefixes[p]; ok {
				return pass
			}
		}
	}
	return rs.allows == 0
}
