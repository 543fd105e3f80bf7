//go:build unix && !linux

package transport

import "fmt"

func bindToDevice(_ int, device string) error {
	if device != "" {
		return fmt.Errorf("bind to device %q: %w", device, ErrNoTransport)
	}
	return nil
}

func (o Options) prioritize(int) error { return nil }
