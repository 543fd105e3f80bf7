// Package actorhook lets package actortest do to actors what programs can't.
package actorhook

// Kill has the life of an actor (an actor.Unit) fail with err, and reports whether
// there was one. Package actor sets it.
var Kill func(unit any, err error) bool

// Lives returns how many lives an actor has begun, and whether the last one is ready.
var Lives func(unit any) (restarts uint64, ready bool)
