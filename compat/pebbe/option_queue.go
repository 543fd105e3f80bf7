package zmq4

import "time"

// GetSndhwm returns how many messages may wait for one peer; 0: any number.
func (soc *Socket) GetSndhwm() (int, error) { return option[int](soc, "SNDHWM") }

// SetSndhwm sets how many messages may wait for one peer; 0: any number. (ZMQ_SNDHWM)
func (soc *Socket) SetSndhwm(value int) error { return soc.setOption("SNDHWM", value) }

// GetRcvhwm returns how many messages of one peer may wait to be received; 0: any number.
func (soc *Socket) GetRcvhwm() (int, error) { return option[int](soc, "RCVHWM") }

// SetRcvhwm sets how many messages of one peer may wait to be received; 0: any number. (ZMQ_RCVHWM)
func (soc *Socket) SetRcvhwm(value int) error { return soc.setOption("RCVHWM", value) }

// GetLinger returns how long what is not sent yet is kept after Close; negative, the default: without end.
func (soc *Socket) GetLinger() (time.Duration, error) { return option[time.Duration](soc, "LINGER") }

// SetLinger sets how long what is not sent yet is kept after Close; negative, the default: without end. (ZMQ_LINGER)
func (soc *Socket) SetLinger(value time.Duration) error { return soc.setOption("LINGER", value) }

// GetSndtimeo returns how long a call may wait to send before it returns EAGAIN; negative: without end.
func (soc *Socket) GetSndtimeo() (time.Duration, error) {
	return option[time.Duration](soc, "SNDTIMEO")
}

// SetSndtimeo sets how long a call may wait to send before it returns EAGAIN; negative: without end. (ZMQ_SNDTIMEO)
func (soc *Socket) SetSndtimeo(value time.Duration) error { return soc.setOption("SNDTIMEO", value) }

// GetRcvtimeo returns how long a call may wait to receive before it returns EAGAIN; negative: without end.
func (soc *Socket) GetRcvtimeo() (time.Duration, error) {
	return option[time.Duration](soc, "RCVTIMEO")
}

// SetRcvtimeo sets how long a call may wait to receive before it returns EAGAIN; negative: without end. (ZMQ_RCVTIMEO)
func (soc *Socket) SetRcvtimeo(value time.Duration) error { return soc.setOption("RCVTIMEO", value) }

// GetMaxmsgsize returns how many bytes a message may have that is received, all parts together; -1: any number.
func (soc *Socket) GetMaxmsgsize() (int64, error) { return option[int64](soc, "MAXMSGSIZE") }

// SetMaxmsgsize sets how many bytes a message may have that is received, all parts together; -1: any number. (ZMQ_MAXMSGSIZE)
func (soc *Socket) SetMaxmsgsize(value int64) error { return soc.setOption("MAXMSGSIZE", value) }

// GetImmediate returns whether messages wait only for peers that are connected.
func (soc *Socket) GetImmediate() (bool, error) { return option[bool](soc, "IMMEDIATE") }

// SetImmediate sets whether messages wait only for peers that are connected. (ZMQ_IMMEDIATE)
func (soc *Socket) SetImmediate(value bool) error { return soc.setOption("IMMEDIATE", value) }

// SetConflate sets whether only the last message is kept. (ZMQ_CONFLATE)
func (soc *Socket) SetConflate(value bool) error { return soc.setOption("CONFLATE", value) }

// GetAffinity returns which I/O threads serve the socket. It changes nothing.
func (soc *Socket) GetAffinity() (uint64, error) { return option[uint64](soc, "AFFINITY") }

// SetAffinity sets which I/O threads serve the socket. It changes nothing. (ZMQ_AFFINITY)
func (soc *Socket) SetAffinity(value uint64) error { return soc.setOption("AFFINITY", value) }
