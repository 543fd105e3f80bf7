// Package plain is the security mechanism PLAIN (RFC 24): a user name and a password,
// sent in the clear.
package plain

import (
	"fmt"

	"github.com/go-zactor/zactor/compat/zmq4"
)

type security struct{ user, password string }

// Security is PLAIN, for zmq4.WithSecurity. A socket that dials says the user name
// and the password; one that listens lets in who says these, and nobody else.
func Security(user, pass string) zmq4.Security { return security{user, pass} }

func (security) Type() zmq4.SecurityType { return zmq4.PlainSecurity }

// Credentials is for package zmq4.
func (s security) Credentials() (user, password string) { return s.user, s.password }

// Format keeps the password out of whatever a Security is printed to.
func (s security) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "PLAIN %q", s.user) }
