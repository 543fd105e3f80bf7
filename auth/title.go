package auth

import (
	"github.com/go-zactor/zactor/internal/figures"
)

// String is its state: what is inside is at work.
func (a *Auth) String() string {
	return figures.Title("auth.Auth", "", a.life.State())
}

// GoString is String, for %#v.
func (a *Auth) GoString() string { return a.String() }
