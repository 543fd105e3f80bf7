// Package before tests that a peer of the version before the public names were settled
// (commit bddf339) speaks with today's: it builds that version out of the history, and
// has processes of both play each part. It needs the build tag interop, and git.
package before
