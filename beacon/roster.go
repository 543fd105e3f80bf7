package beacon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/lifetime"
)

// A Roster joins several Discoverers: each peer is in it once, with everything that
// any of them has said of it and with every place where it is heard. Its methods may
// be called from any goroutine.
type Roster struct {
	sources []Discoverer
	feed    *feed.Keyed[string, Entry, RosterEvent]

	mu      sync.Mutex
	seen    map[string]map[Sighting]seen // guarded by mu; by ID
	self    string                       // guarded by mu
	failure error                        // guarded by mu

	life    *lifetime.Life
	cancel  context.CancelFunc
	tasks   contain.Guard
	running sync.WaitGroup
}

// seen is what one place says of a peer.
type seen struct {
	Peer
	source int // its place in the order of the Discoverers
}

// An Entry is a peer and where it is heard. Of values that sources don't agree about,
// the one of the earlier source counts; the endpoints are those of all of them, each
// once, those of earlier sources first.
type Entry struct {
	Peer
	Sightings []Sighting
}

func (e Entry) clone() Entry { return Entry{e.Peer.Clone(), slices.Clone(e.Sightings)} }

func sameEntry(a, b Entry) bool {
	return a.Peer.Equal(b.Peer) && slices.Equal(a.Sightings, b.Sightings)
}

// A RosterEvent says that a peer was heard for the first time at any place, that what
// is known of it has changed, a place among it, or that it is heard nowhere any more.
type RosterEvent struct {
	Kind  EventKind
	Entry Entry // the receiver's own; with Lost, what was known last
}

// NewRoster follows Discoverers, in the order in which they are to be believed. They
// belong to the Roster from then on, and Close closes them. One that panics is not
// followed any more: Err says so. The end of ctx ends the Roster as Close does.
func NewRoster(ctx context.Context, sources ...Discoverer) *Roster {
	following, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &Roster{
		sources: sources, feed: feed.NewKeyed(sameEntry, rosterEvent),
		seen: make(map[string]map[Sighting]seen), cancel: cancel,
	}
	for i, d := range sources {
		var events iter.Seq[PeerEvent]
		if err := contain.Call("events", func() { events = d.Events(following) }); err != nil {
			r.failed(i, err)
			continue
		}
		r.tasks.Go(&r.running, "beacon: discoverer", func() { r.follow(i, events) }, func() { r.failed(i, errStopped) })
	}
	r.life = lifetime.New(ctx, "beacon", r.end)
	return r
}

// errStopped is for a source whose events have panicked.
var errStopped = errors.New("its events panicked: they are not followed any more")

func (r *Roster) follow(source int, events iter.Seq[PeerEvent]) {
	for e := range events {
		r.tasks.Step("beacon: peer of a discoverer", func() { r.apply(source, e) })
	}
}

// failed keeps why a source has failed, for Err.
func (r *Roster) failed(source int, why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failure = errors.Join(r.failure, fmt.Errorf("%s: %w", r.nameOf(source), why))
}

func (r *Roster) nameOf(source int) (name string) {
	_ = contain.Call("source", func() { name = r.sources[source].Source() })
	return name
}

func rosterEvent(c feed.Change[string, Entry]) RosterEvent {
	return RosterEvent{EventKind(c.Kind), c.Value.clone()}
}

// apply takes one event of one source.
func (r *Roster) apply(source int, e PeerEvent) {
	if e.Kind == Failed {
		r.failed(source, e.Err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	contain.Probe("beacon: peer of a discoverer with the lock held")
	at := r.seen[e.Peer.ID]
	if at == nil {
		at = make(map[Sighting]seen)
		r.seen[e.Peer.ID] = at
	}
	if e.Kind == Lost {
		delete(at, e.Where)
	} else {
		at[e.Where] = seen{e.Peer, source}
	}
	r.show(e.Peer.ID)
}

// show brings what readers see in line with what was seen. The caller holds mu.
func (r *Roster) show(id string) {
	at := r.seen[id]
	if len(at) == 0 {
		delete(r.seen, id)
	}
	if len(at) == 0 || id == r.self {
		r.feed.Delete(id)
		return
	}
	r.feed.Set(id, merged(id, at))
}

func merged(id string, at map[Sighting]seen) Entry {
	e := Entry{Peer: Peer{ID: id, Values: make(map[string]string)}}
	e.Sightings = slices.SortedFunc(maps.Keys(at), func(a, b Sighting) int {
		return cmp.Or(at[a].source-at[b].source, strings.Compare(a.Interface, b.Interface), a.From.Compare(b.From))
	})
	for _, where := range e.Sightings {
		p := at[where]
		for _, each := range p.Endpoints {
			if !slices.Contains(e.Endpoints, each) {
				e.Endpoints = append(e.Endpoints, each)
			}
		}
		for key, value := range p.Values {
			if _, known := e.Values[key]; !known {
				e.Values[key] = value
			}
		}
	}
	return e
}

// Announce makes self known in every way. It returns the errors of those that could
// not; the others go on. The peer with self's ID is not in the roster.
func (r *Roster) Announce(ctx context.Context, self Peer) error {
	r.hide(self.ID)
	var errs []error
	for i, d := range r.sources {
		if err := contain.Try("announce", func() error { return d.Announce(ctx, self) }); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", r.nameOf(i), err))
		}
	}
	return errors.Join(errs...)
}

// hide takes the process itself out, and shows who it was before.
func (r *Roster) hide(self string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.self
	r.self = self
	r.show(self)
	if old != "" {
		r.show(old)
	}
}

// Peers returns all peers that are heard now, the longest known first.
func (r *Roster) Peers() []Entry {
	list := r.feed.Values()
	for i, e := range list {
		list[i] = e.clone()
	}
	return list
}

// Peer looks one up.
func (r *Roster) Peer(id string) (Entry, bool) {
	e, ok := r.feed.Value(id)
	return e.clone(), ok
}

// Events returns the peers that are there at the call as Found, and then every change,
// until ctx ends or the Roster is closed. A reader that is slow may miss steps, but not
// the outcome. Ranging again goes on where the first loop stopped.
func (r *Roster) Events(ctx context.Context) iter.Seq[RosterEvent] { return r.feed.Events(ctx) }

// Chan is Events as a channel, for use in a select: see Beacon.Chan.
func (r *Roster) Chan(ctx context.Context) <-chan RosterEvent { return r.feed.Chan(ctx) }

// Err returns why sources have failed, or nil.
func (r *Roster) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failure
}

// Close closes the Discoverers, which say goodbye, and ends all subscriptions. It may
// be called more than once.
func (r *Roster) Close() error { return r.life.Close() }

// Shutdown is Close for at most as long as ctx.
func (r *Roster) Shutdown(ctx context.Context) error { return r.life.Shutdown(ctx) }

// end is what Close does.
func (r *Roster) end(context.Context) error {
	r.cancel()
	var errs []error
	for _, d := range r.sources {
		errs = append(errs, contain.Try("close", d.Close))
	}
	r.running.Wait()
	r.feed.Close()
	return errors.Join(errs...)
}
