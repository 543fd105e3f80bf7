package transport

// PeerCred is who stood behind an ipc connection when it was made, as the
// kernel saw it: the peer cannot forge it.
type PeerCred struct {
	PID      int
	UID, GID uint32
}
