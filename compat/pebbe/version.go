package zmq4

// Version is that of libzmq whose behaviour this package has: 4.3.4.
func Version() (major, minor, patch int) { return 4, 3, 4 }

// HasIpc reports whether there is the transport ipc.
func HasIpc() bool { return true }

// HasPgm reports whether there are the transports pgm and epgm.
func HasPgm() bool { return true }

// HasTipc reports whether there is the transport tipc.
func HasTipc() bool { return false }

// HasNorm reports whether there is the transport norm.
func HasNorm() bool { return false }

// HasCurve reports whether there is the mechanism CURVE.
func HasCurve() bool { return true }

// HasGssapi reports whether there is the mechanism GSSAPI.
func HasGssapi() bool { return false }
