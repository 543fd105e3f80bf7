//go:build !unix

package yield

func pollNetwork() {}
