// Package pebbe has no code. Its folders are programs as users of github.com/pebbe/zmq4
// write them; they differ from programs for that library in one import line. The test runs
// them.
package pebbe
