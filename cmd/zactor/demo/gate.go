package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
)

// watchGate brings what the authenticator refuses, and what the store comes to
// trust, to the boss's goroutine.
func (b *boss) watchGate(ctx context.Context) {
	decisions := b.keys.auth.Events(ctx)
	b.served.Go(func() {
		for d := range decisions {
			if d.Missing == 0 && !d.Allowed() {
				b.loop.Post(func() error { return b.denied(d) })
			}
		}
	})
	stop := b.keys.store.OnChange(func(c cert.Change) {
		b.loop.Post(func() error { return b.trusts(c.Added) })
	})
	context.AfterFunc(ctx, stop)
}

// denied enters a refusal, under the name that the key has, not one that the peer
// has given.
func (b *boss) denied(d auth.Decision) error {
	name := b.keys.nameOf(d.User)
	if name == "" {
		name = "a stranger"
	}
	b.happened(event{
		Kind: eventDeny, Node: name, Peer: d.Address, Detail: fmt.Sprintf("ZAP %d: %s", d.Status, d.Reason),
	})
	return nil
}

// trusts is called when certificates have come into the store.
func (b *boss) trusts(keys []string) error {
	if !slices.Contains(keys, b.keys.certs[strangerName].Public()) {
		return nil
	}
	b.happened(event{
		Kind: eventTrusted, Node: strangerName, Detail: "its certificate was dropped into the store",
	})
	return b.order(strangerName, orderRetry)
}

// sendStranger starts the stranger, beside the nodes.
func (b *boss) sendStranger() error {
	a := &b.roster.admission
	a.sent = true
	s := stranger{
		keys:    b.keys.identity(strangerName),
		inboxAt: b.roster.members[a.host].endpoint,
		nodeKey: b.keys.certs[a.host].Public(),
		reports: reportsAt,
	}
	_, err := b.sup.Add(strangerName, s.run, actor.Temporary)
	return err
}

// letIn is all that it takes to trust the stranger.
func (b *boss) letIn() error {
	b.roster.admission.dropped = true
	return b.keys.trust(strangerName)
}
