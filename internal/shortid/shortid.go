// Package shortid has the short forms by which people know keys and nodes: the same ones
// in errors, log lines, events and on the page.
package shortid

import (
	"encoding/hex"
	"strings"

	"github.com/go-zactor/zactor/cert"
)

// digits is how many digits of a UUID stand for it.
const digits = 6

// Node is the first six digits of a node's UUID, in upper case as zyre writes them; it
// is also what a node without a name is called.
func Node(uuid [16]byte) string {
	return strings.ToUpper(hex.EncodeToString(uuid[:]))[:digits]
}

// Key is the fingerprint of a public key in Z85, as zactor cert shows it: eight
// hexadecimal digits. It says "unusable" of what is no key, and nothing of "".
func Key(publicZ85 string) string {
	if publicZ85 == "" {
		return ""
	}
	c, err := cert.FromPublic(publicZ85)
	if err != nil {
		return "unusable"
	}
	return c.Fingerprint()
}
