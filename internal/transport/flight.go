package transport

// Flight is how far the bytes that were written to a connection have come.
type Flight struct {
	// Standing is how many are still on this side: for tcp not acknowledged by the
	// peer's kernel, for ipc not read by the peer's program, with the kernel's overhead.
	// 0 is exact.
	Standing int

	// Exact: the rest is known, as it is for tcp.
	Exact    bool
	Acked    uint64 // bytes that the peer's kernel has acknowledged since the beginning
	Unsent   int    // of those that stand, how many the peer's window does not let out
	Received uint64 // bytes that have come from the peer since the beginning
}
