package security

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// opaque is embedded where secrets are: the value then prints as a redaction,
// whatever the verb and whoever the logger.
type opaque struct{}

// String returns the redaction.
func (opaque) String() string { return redacted }

// Format writes the redaction, for %x and %#v, too.
func (opaque) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalJSON returns the redaction.
func (opaque) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue returns the redaction.
func (opaque) LogValue() slog.Value { return slog.StringValue(redacted) }
