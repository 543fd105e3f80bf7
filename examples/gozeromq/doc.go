// Package gozeromq has no code. Its folders are the seven example programs that
// users of github.com/go-zeromq/zmq4 know, written anew; they differ from programs for
// that library in one import line. The test runs them.
package gozeromq
