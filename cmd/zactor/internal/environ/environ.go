// Package environ takes ZACTOR_OBSERVE out of the environment before package observe sees
// it there: a command that looks at another process must not serve at that address itself,
// nor may the commands that --exec starts. Packages without imports are initialized in the
// order of their paths, and this one's comes before that of observe.
package environ

import "os"

// Observe is what ZACTOR_OBSERVE says.
var Observe = take("ZACTOR_OBSERVE")

func take(name string) string {
	value := os.Getenv(name)
	os.Unsetenv(name)
	return value
}
