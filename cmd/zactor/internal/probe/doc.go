// Package probe has zactor ping: it finds out who is at an endpoint. It speaks ZMTP itself,
// since a socket would not tell what it must not do: take messages that are for others.
package probe
