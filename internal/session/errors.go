package session

import "errors"

// Errors that end a connection, as they stand in events.
var (
	errHeartbeat = errors.New("peer did not answer a PING in time")
	errTTL       = errors.New("peer fell silent beyond the TTL of its last PING")
	errNonces    = errors.New("connection has used up its nonces")

	// ErrTooLarge: the peer sent a message over the limits.
	ErrTooLarge = errors.New("message over the limit")
	// ErrRefusedByPeer: the peer has ended the connection with an ERROR that says why.
	ErrRefusedByPeer = errors.New("refused by the peer")
	// ErrClosed: this side closed the connection.
	ErrClosed = errors.New("closed by this side")
	// ErrCrowded: the listener had too many peers that were not yet ready.
	ErrCrowded = errors.New("too many handshakes under way")
	// ErrServerKey: a CURVE server hung up on our HELLO, which is what one does
	// whose public key is not the one that we were told.
	ErrServerKey = errors.New("the server hung up on our HELLO, as one does that has another public key than we expect")
	// ErrNoVerdict: a server hung up when it had our credentials, which is what one does
	// that has nobody to judge them. libzmq's does so, too: an ERROR would tell a client
	// for good what may be over in a moment, when an authenticator starts.
	ErrNoVerdict = errors.New("the server hung up when it had our credentials, and said nothing about them: " +
		"it has no authenticator (start one there: auth.New; or WithAllowAnyKey), or that does not answer")
	// ErrHungUp: the peer ended a handshake without a word.
	ErrHungUp = errors.New("the peer hung up during the handshake")
)
