// Package wshttp lets an HTTP server carry a socket's WebSocket connections: beside
// pages and an API, behind the same port, certificate and middleware.
//
//	pub, _ := zmq.NewPub(ctx)
//	live, err := wshttp.New(pub)
//	http.Handle("/live", live)
//
// The handler only hands connections over. Upgrade, handshake, limits and events are the
// socket's, as if it had bound a ws endpoint, and so are its options: WithWSHosts for
// what this host is called (behind a proxy that ends TLS, or without TLS, its pages may not
// connect by a name otherwise), WithWSOrigins for pages of other hosts,
// WithHandshakeInterval, security mechanisms.
package wshttp
