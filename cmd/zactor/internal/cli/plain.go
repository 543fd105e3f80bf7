package cli

import (
	"regexp"
	"strings"
)

// Words is the text of an error for people: without what only says how Go says it, and
// without an address that stands in front of it already.
func Words(text string) string {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "zmq: "), "\n", "; ")
	for _, late := range []string{" (try again: i/o timeout)", " (context deadline exceeded)"} {
		text = strings.TrimSuffix(text, late) // the exit code says that
	}
	text = dialled.ReplaceAllStringFunc(text, func(whole string) string {
		if m := dialled.FindStringSubmatch(whole); m[2] == m[3] {
			return m[1] + m[2] + ": "
		}
		return whole
	})
	return parsed.ReplaceAllString(text, "want a whole number")
}

var (
	dialled = regexp.MustCompile(`(tcp://)(\S+): dial tcp[46]? (\S+): (?:connect: )?`)
	parsed  = regexp.MustCompile(`strconv\.Parse(?:Int|Uint): parsing "[^"]*": (?:invalid syntax|value out of range)`)
)
