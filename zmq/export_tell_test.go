package zmq

import (
	"time"

	"github.com/go-zactor/zactor/internal/swap"
)

// SetNoAnswer is how long endpoints of the Context's next sockets may be silent.
func (c *Context) SetNoAnswer(d time.Duration) { c.noAnswer = d }

// SetDisk is where the swaps of the Context's next sockets are.
func (c *Context) SetDisk(d swap.Disk) { c.disk = d }
