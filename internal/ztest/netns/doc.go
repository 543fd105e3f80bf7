// Package netns makes networks for tests: hosts that are network namespaces, bridges
// that join them, cables that can be cut, and processes that run on the hosts. It
// needs Linux, root and the ip command; where they are missing, New skips the test.
//
// All of it goes with the test, whether that passes or fails. What a test program
// that was killed has left behind, the next one sweeps up.
package netns
