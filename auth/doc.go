// Package auth decides who may talk to the secured sockets of a Context. It is
// ZAP's handler (RFC 27): every server with PLAIN or CURVE, and every socket with
// a ZAP domain, asks it about each peer before the first message.
//
//	a, err := auth.New(ctx)                              // of ctx's zmq.Context
//	err = a.Allow("10.0.0.0/8", "ipc")                   // addresses
//	err = a.PlainFile("metrics", "/etc/app/passwords")   // user=password
//	store, err := cert.NewDirStore(ctx, "/etc/app/keys")
//	a.Curve(auth.AnyDomain, store)                       // certificates
//
//	server, err := zmq.NewRouter(ctx, zmq.WithCurveServer(own))
//	m, err := server.Recv(ctx)
//	m.Peer().UserID                                      // who it was
//
// # Who gets in
//
// Without an authenticator in their Context, servers refuse everybody. With one,
// and nothing configured, PLAIN and CURVE still refuse everybody; NULL, which is
// asked about only where a ZAP domain is set, lets everybody in.
//
// An address is judged first: by the rules for all domains and by those of the
// socket's own, both of which must let it pass. Of the rules that match, the
// longest prefix counts. Where no rule matches, the address passes unless there
// are Allow rules. "ipc" stands for peers of the same machine over ipc.
//
// A domain is what the server was given with zmq.WithZAPDomain; the settings of
// [AnyDomain] are for domains that have none of their own.
//
// UserID is the user's name with PLAIN, and the public key in Z85 with CURVE; the
// metadata of the certificate is in msg.Peer.Vouched. A peer can set neither.
//
// # Changes
//
// Everything may be changed at any time, by any goroutine. A change that takes a
// permission away ends the connections that had it, before it returns where a
// method made it, and within a second where it is a file that has changed: a rule,
// a key that leaves a store or whose metadata changes, a password that changes, a
// store that is replaced, [Auth.Revoke] and [Auth.RevokeUser]. A peer that was
// being let in at that moment has to ask again.
//
// # When things go wrong
//
// A refusal is final for the peer: it is told "400", and gives up. A store that
// fails, an address that must wait after failed logins, or an authenticator that is
// overloaded are temporary ("300"): the connection is closed and the peer tries
// again. A store that panics refuses that one request ("500").
//
// # Passwords
//
// Passwords are compared in constant time, as SHA-256, with a comparison for
// unknown users, too. After five failures an address must wait for a second, then
// two, up to a minute ([WithThrottle]). PLAIN sends passwords in the clear: use
// CURVE beyond your own machine.
package auth
