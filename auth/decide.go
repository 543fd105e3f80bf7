package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/zap"
)

// decide is the policy. What it does not know it denies.
func (a *Auth) decide(ctx context.Context, r zap.Request) verdict {
	if why := a.policy.address(r.Domain, parseOrigin(r.Address)); why != "" {
		return deny("", "%s", why)
	}
	switch r.Mechanism {
	case "NULL":
		return verdict{allowed, "OK", "", nil}
	case "PLAIN":
		return a.decidePlain(ctx, r)
	case "CURVE":
		return a.decideCurve(r)
	}
	return deny("", "mechanism %s is not known here", wire.Quote([]byte(r.Mechanism)))
}

// decidePlain checks a password, unless there were too many wrong ones from there.
func (a *Auth) decidePlain(ctx context.Context, r zap.Request) verdict {
	user, password := string(r.Credentials[0]), r.Credentials[1]
	from := parseOrigin(r.Address).key()
	store, why := a.policy.passwords(r.Domain, user)
	if store == nil {
		return deny(user, "%s", why)
	}
	attempt, may := a.guesses.begin(from, time.Now())
	if !may {
		return verdict{postponed, "too many failed logins from this address", user, nil}
	}
	ok, err := false, error(nil)
	defer func() { a.guesses.end(attempt, time.Now(), !ok && err == nil) }()
	ok, err = store.Verify(ctx, user, password)
	switch {
	case err != nil:
		return verdict{postponed, fmt.Sprintf("the password store failed: %v", err), user, nil}
	case !ok || user == "" || why != "":
		return deny(user, "wrong user or password")
	}
	return verdict{allowed, "OK", user, nil}
}

// decideCurve looks the key up. The handshake has proven that it is the peer's.
func (a *Auth) decideCurve(r zap.Request) verdict {
	key, err := cert.EncodeZ85(r.Credentials[0])
	if err != nil {
		return deny("", "%v", err)
	}
	c, why := a.policy.certificate(r.Domain, key)
	switch {
	case why != "":
		return deny(key, "%s", why)
	case c == nil:
		return verdict{allowed, "OK", key, nil}
	}
	metadata, err := metadataOf(c)
	if err != nil {
		return verdict{failed, fmt.Sprintf("the metadata of %v can't be sent: %v", c, err), key, nil}
	}
	return verdict{allowed, "OK", key, metadata}
}

// metadataOf makes properties of a certificate's metadata. What does not fit is an
// error: a server that decides by metadata must not get half of it.
func metadataOf(c *cert.Cert) ([]wire.Property, error) {
	var list []wire.Property
	for name, value := range c.AllMeta() {
		list = append(list, wire.Property{Name: name, Value: []byte(value)})
	}
	if _, err := wire.ParseMetadata(wire.AppendMetadata(nil, list)); err != nil {
		return nil, err
	}
	return list, nil
}
