// Package endpoint turns the strings that Bind and Connect take into values:
// "tcp://*:5555", "ipc://@name", "inproc://x". It is pure: it looks nothing up
// and opens nothing, so a name that cannot be resolved is a valid endpoint
// here and a failed attempt in transport.
//
// Syntax is judged by Parse; what only makes sense for one direction, such as
// connecting to a wildcard, by ForBind and ForConnect. Which schemes a build
// can serve is no matter of this package: it knows the name of every
// transport that ZeroMQ has and Go programs meet.
package endpoint
