package zmq4

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
)

// CURVE_ALLOW_ANY, for AuthCurveAdd, stands for every key.
const CURVE_ALLOW_ANY = "*"

// anyDomain stands for every domain.
const anyDomain = "*"

type metadataHandler = func(version, request_id, domain, address, identity, mechanism string, credentials ...string) (metadata map[string]string)

// authRules is whom the authenticator lets in, by domain; "*" is every one. It is guarded
// by the lock of auth.
type authRules struct {
	allowed, denied map[string][]string          // addresses, or ranges of them
	passwords       map[string]map[string]string // by domain and user
	keys            map[string]map[string]bool   // by domain; in Z85
	handler         metadataHandler
	verbose         bool
}

// allow decides, and says who the peer is.
func (r *authRules) allow(q zapRequest) (user string, ok bool) {
	if !r.allowAddress(q.domain, q.address) {
		return "", false
	}
	switch {
	case q.mechanism == "NULL":
		return "", true
	case q.mechanism == "PLAIN" && len(q.credentials) == 2:
		return q.credentials[0], r.allowPassword(q.domain, q.credentials[0], q.credentials[1])
	case q.mechanism == "CURVE" && len(q.credentials) == 1:
		key := Z85encode(q.credentials[0])
		return key, r.allowKey(q.domain, key)
	}
	return "", false
}

// allowAddress looks at the addresses that are allowed; only where there are none, at
// those that are denied.
func (r *authRules) allowAddress(domain, address string) bool {
	allowed := slices.Concat(r.allowed[domain], r.allowed[anyDomain])
	if len(allowed) > 0 {
		return within(address, allowed)
	}
	return !within(address, slices.Concat(r.denied[domain], r.denied[anyDomain]))
}

func within(address string, list []string) bool {
	a, err := netip.ParseAddr(address)
	return slices.ContainsFunc(list, func(entry string) bool {
		if entry == address {
			return true
		}
		p, perr := netip.ParsePrefix(entry)
		return err == nil && perr == nil && p.Contains(a.Unmap())
	})
}

func (r *authRules) allowPassword(domain, user, password string) bool {
	for _, d := range []string{domain, anyDomain} {
		want, known := r.passwords[d][user]
		if known && subtle.ConstantTimeCompare([]byte(want), []byte(password)) == 1 {
			return true
		}
	}
	return false
}

func (r *authRules) allowKey(domain, key string) bool {
	for _, d := range []string{domain, anyDomain} {
		if r.keys[d][CURVE_ALLOW_ANY] || r.keys[d][key] {
			return true
		}
	}
	return false
}

// change changes the rules.
func (*authRules) change(fn func()) {
	auth.Lock()
	defer auth.Unlock()
	fn()
}

// AuthAllow lets only these addresses, or ranges such as "10.0.0.0/8", connect to the
// servers of a domain, "*" being every one; each call adds some.
func AuthAllow(domain string, addresses ...string) {
	r := &auth.rules
	r.change(func() { r.allowed = add(r.allowed, domain, addresses) })
}

// AuthDeny keeps these addresses, or ranges of them, out of a domain where no address is
// allowed by AuthAllow; each call adds some.
func AuthDeny(domain string, addresses ...string) {
	r := &auth.rules
	r.change(func() { r.denied = add(r.denied, domain, addresses) })
}

func add(lists map[string][]string, domain string, more []string) map[string][]string {
	if lists == nil {
		lists = map[string][]string{}
	}
	lists[domain] = append(lists[domain], more...)
	return lists
}

// AuthPlainAdd lets in who says a user name and a password, in a domain or ("*") in all.
func AuthPlainAdd(domain, username, password string) {
	r := &auth.rules
	r.change(func() {
		if r.passwords == nil {
			r.passwords = map[string]map[string]string{}
		}
		if r.passwords[domain] == nil {
			r.passwords[domain] = map[string]string{}
		}
		r.passwords[domain][username] = password
	})
}

// AuthPlainRemove takes user names of a domain out.
func AuthPlainRemove(domain string, usernames ...string) {
	r := &auth.rules
	r.change(func() {
		for _, u := range usernames {
			delete(r.passwords[domain], u)
		}
	})
}

// AuthPlainRemoveAll takes all user names of a domain out.
func AuthPlainRemoveAll(domain string) {
	r := &auth.rules
	r.change(func() { delete(r.passwords, domain) })
}

// AuthCurveAdd lets in who has one of these public keys, in Z85, in a domain or ("*") in
// all. CURVE_ALLOW_ANY is every key.
func AuthCurveAdd(domain string, pubkeys ...string) {
	r := &auth.rules
	r.change(func() {
		if r.keys == nil {
			r.keys = map[string]map[string]bool{}
		}
		if r.keys[domain] == nil {
			r.keys[domain] = map[string]bool{}
		}
		for _, k := range pubkeys {
			r.keys[domain][k] = true
		}
	})
}

// AuthCurveRemove takes keys of a domain out.
func AuthCurveRemove(domain string, pubkeys ...string) {
	r := &auth.rules
	r.change(func() {
		for _, k := range pubkeys {
			delete(r.keys[domain], k)
		}
	})
}

// AuthCurveRemoveAll takes all keys of a domain out.
func AuthCurveRemoveAll(domain string) {
	r := &auth.rules
	r.change(func() { delete(r.keys, domain) })
}

// AuthSetMetadataHandler has a function asked for properties of each peer that is let in;
// RecvWithMetadata returns them. nil: there is none.
func AuthSetMetadataHandler(
	handler func(
		version, request_id, domain, address, identity, mechanism string, credentials ...string) (metadata map[string]string)) {
	r := &auth.rules
	r.change(func() { r.handler = handler })
}

// AuthSetVerbose logs each decision to the standard logger.
func AuthSetVerbose(verbose bool) {
	r := &auth.rules
	r.change(func() { r.verbose = verbose })
}

// AuthMetaBlob encodes one property as a handshake has it: its name has 1 to 255 bytes.
func AuthMetaBlob(key, value string) (blob []byte, err error) {
	if len(key) == 0 || len(key) > 255 {
		return nil, fmt.Errorf("zmq4: property %q: the name must have 1 to 255 bytes", key)
	}
	blob = append([]byte{byte(len(key))}, key...)
	blob = binary.BigEndian.AppendUint32(blob, uint32(len(value)))
	return append(blob, value...), nil
}
