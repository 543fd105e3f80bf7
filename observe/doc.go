// Package observe shows what lives in this process: sockets with their endpoints, peers,
// queues, rates and refusals, authenticators, nodes and who they know.
//
//	srv, err := observe.Serve(ctx, "127.0.0.1:6060") // or "unix:/run/orders.sock"
//	http.Handle("/zactor/", http.StripPrefix("/zactor", observe.Handler()))
//
// The [Handler] answers / with a page for people, /snapshot.json, /snapshot.txt, /healthz
// (200, or 503 with what is wrong), and /vars, which has the totals in the form of expvar.
// Nothing of it shows a key or the content of a message, nothing changes anything, and the
// page asks nobody but the server it came from.
//
// Only a program that imports this package has it. If the environment has ZACTOR_OBSERVE,
// that address is served from the start.
//
// A server of [Serve] listens on a unix socket that only the user may open (mode 0600), or
// on a loopback address, and answers only requests whose Host is one of those: web pages of
// others can't read it by DNS rebinding. To show it to others mount the Handler behind
// what authenticates them.
package observe
