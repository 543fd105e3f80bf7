//go:build !linux

package udp

import (
	"errors"
	"fmt"
)

// prepare refuses what it cannot do: traffic would leave where it must not.
func prepare(_ int, device string) error {
	if device != "" {
		return fmt.Errorf("bind to device %s: %w", device, errors.ErrUnsupported)
	}
	return nil
}
