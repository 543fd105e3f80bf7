// Package buf owns the bytes of the hot path: pooled frames and blocks for
// sending, and reference-counted chunks for receiving. It knows nothing of
// messages or sockets; it is the only room that uses package unsafe.
package buf
