package zmq

import "time"

// SetNoAnswer is how long endpoints of the Context's next sockets may be silent.
func (c *Context) SetNoAnswer(d time.Duration) { c.noAnswer = d }
