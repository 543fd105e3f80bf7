// Package cert holds CURVE keys: it makes them, reads and writes them in the
// certificate files of czmq, and keeps the sets of public keys that a server
// trusts.
//
//	c, err := cert.New()                          // a fresh key pair
//	if err != nil {
//		return err
//	}
//	if err := c.SetMeta("name", "camera 7"); err != nil {
//		return err
//	}
//	if err := c.Save("camera.txt"); err != nil {  // camera.txt, camera.txt_secret
//		return err
//	}
//	c, err = cert.Load("camera.txt")              // prefers camera.txt_secret
//
// # Files
//
// A certificate is two text files: NAME is for everybody, NAME_secret is for its
// owner alone. They are byte for byte what czmq writes, with metadata in the order
// in which it was set. What a file could not give back, such as a value with a
// line end, is an error and is never written: in czmq a crafted value breaks the
// file or adds a section to it.
//
// Every file is replaced as a whole, through a new file that is renamed, so that
// no reader ever has half of one. A secret file is made with mode 0600, whatever
// the umask, and one that its group or others may touch is refused when it is
// loaded ([ErrExposed]; not on Windows, where the mode says nothing).
//
// # Secrets
//
// A secret key is a [Secret], which prints as [redacted] wherever values are
// printed, logged or marshalled. [Secret.Expose] is the only way to its bytes.
// Logs and messages of this package name keys by the [Cert.Fingerprint] of the
// public one.
//
// # Stores
//
// A [Store] answers whether a public key is trusted. [MemStore] is filled by the
// program, [FSStore] from an fs.FS, and [DirStore] from a directory that it
// watches: a file that is added lets its owner in and one that is deleted shuts
// it out, at once where the system gives notice of it and at the latest with the
// next poll, a second by default. The rules:
//
//   - All regular files of the tree count, but not those whose name starts with a
//     dot or ends in _secret, and nothing below a directory with a dot. Secret
//     keys are never kept.
//   - A change is seen by content, never by time or size alone.
//   - A load is complete before it takes effect, all at once.
//   - A file that can't be read or parsed, as while it is being written, lets
//     no new key in and shuts no key out: its last good version counts, with a
//     warning, for as long as it is there. To revoke a key, delete its file.
//   - A directory that is deleted trusts no key. One that comes back is read again.
//   - Of two files with the same key the newer one counts, with a warning.
package cert
