package session

import (
	"fmt"
	"io"

	"github.com/go-zactor/zactor/internal/wire"
)

// admitGroup checks the shape of what a RADIO sends: the group in a frame of at
// most 255 bytes, and one frame after it. libzmq ends a connection that breaks it.
func (rd *reader) admitGroup(flags byte, size uint64) error {
	more := flags&wire.FlagMore != 0
	switch {
	case rd.parts == 0 && !more:
		return fmt.Errorf("a group without a message: %w", io.ErrUnexpectedEOF)
	case rd.parts == 0 && size > wire.MaxGroup:
		return fmt.Errorf("%w: a group of %d bytes, the limit is %d", ErrTooLarge, size, wire.MaxGroup)
	case rd.parts > 0 && more:
		return fmt.Errorf("%w: a message of several frames in a group", ErrTooLarge)
	}
	return nil
}

// hasGroups reports whether what peers send must have that shape.
func (c *Config) hasGroups() bool { return c.Groups && !c.Inspect }
