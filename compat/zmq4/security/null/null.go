// Package null is the security mechanism NULL: no authentication, no encryption.
package null

import "github.com/go-zactor/zactor/compat/zmq4"

type security struct{}

// Security is NULL, for zmq4.WithSecurity.
func Security() zmq4.Security { return security{} }

func (security) Type() zmq4.SecurityType { return zmq4.NullSecurity }
