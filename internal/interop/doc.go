// Package interop holds the tests that put zactor's sockets beside the real
// thing: Debian's libzmq 4.3.4, driven through /usr/bin/python3 and pyzmq.
//
// They are behind a build tag, because they need that library:
//
//	go test -tags interop ./internal/interop
//
// With ZACTOR_MATRIX=FILE the table of socket pairs is also written to FILE,
// as Markdown. Every scenario is also played with libzmq on both sides, as a
// control: an expectation that libzmq does not meet with itself is a mistake in
// the test, and says nothing about zactor.
package interop
