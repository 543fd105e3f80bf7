// Package actortest is for tests of programs that are made of actors: probes in the
// place of actors, faults on the way to them, and their deaths.
//
// It is made for testing/synctest, where time is the test's: a message that does not
// come is noticed at once, and a delay of an hour takes no time. Outside of a bubble it
// works too, by the clock.
//
//	synctest.Test(t, func(t *testing.T) {
//		actortest.NoLeaks(t)
//		mailer := actortest.NewProbe[Mail](t)
//		shop := NewShop(t.Context(), mailer.Ref)
//		actortest.Restart(t, shop)
//		order(shop)
//		if mail := mailer.Next(); mail.To != "ann" { ... }
//	})
package actortest
