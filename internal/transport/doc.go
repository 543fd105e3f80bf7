// Package transport dials and listens: tcp and ipc endpoints become net.Conns.
// It knows bytes and sockets of the operating system, not ZMTP: who speaks
// first, and what, is the session's.
//
// # tcp
//
// Names are resolved at each Dial and never before, so that a peer may get
// its name later. A host that is the name of a network interface means that
// interface's first address of the family in use. TCP_NODELAY is always on,
// because sessions batch by themselves; Multipath TCP is off, because queue
// lengths and options are read from the plain socket.
//
// # ipc
//
// A socket file is made with mode 0600: it is bound, restricted, and only
// then listened on, and nobody can connect before that. A path that exists is
// taken over only when it is a socket file of this user on which nobody
// listens; anything else stays untouched and is an error. Binders and closers
// of this package hold a lock on the folder while they look and act, so that
// two of them starting at once cannot take a live socket for a dead one.
// Close removes the file if it is still the one that was made.
package transport
