package zmq4

// The settings of contexts. Each stands twice: as a method, and as a function for the
// default context.

// GetIoThreads returns the number of I/O threads. Goroutines serve
// connections here, and it changes nothing.
func (ctx *Context) GetIoThreads() (int, error) {
	return ctxGet(ctx, func() int { return ctx.threads })
}

// GetIoThreads is that of the default context.
func GetIoThreads() (int, error) { return defaultCtx.GetIoThreads() }

// SetIoThreads sets the number of I/O threads. Goroutines serve
// connections here, and it changes nothing.
func (ctx *Context) SetIoThreads(n int) error {
	return ctx.ctxSet(n >= 0, func() { ctx.threads = n })
}

// SetIoThreads is that of the default context.
func SetIoThreads(n int) error { return defaultCtx.SetIoThreads(n) }

// GetMaxSockets returns the most sockets that the context may have at a time.
func (ctx *Context) GetMaxSockets() (int, error) { return ctxGet(ctx, func() int { return ctx.max }) }

// GetMaxSockets is that of the default context.
func GetMaxSockets() (int, error) { return defaultCtx.GetMaxSockets() }

// SetMaxSockets sets the most sockets that the context may have at a time.
func (ctx *Context) SetMaxSockets(n int) error {
	return ctx.ctxSet(n > 0, func() { ctx.max = n })
}

// SetMaxSockets is that of the default context.
func SetMaxSockets(n int) error { return defaultCtx.SetMaxSockets(n) }

// GetMaxMsgsz returns the most bytes that a part may have that is sent: longer ones are
// EMSGSIZE.
func (ctx *Context) GetMaxMsgsz() (int, error) { return ctxGet(ctx, func() int { return ctx.maxMsg }) }

// GetMaxMsgsz is that of the default context.
func GetMaxMsgsz() (int, error) { return defaultCtx.GetMaxMsgsz() }

// SetMaxMsgsz sets the most bytes that a part may have that is sent: longer ones are
// EMSGSIZE.
func (ctx *Context) SetMaxMsgsz(n int) error {
	return ctx.ctxSet(n >= 0, func() { ctx.maxMsg = n })
}

// SetMaxMsgsz is that of the default context.
func SetMaxMsgsz(n int) error { return defaultCtx.SetMaxMsgsz(n) }

// GetIpv6 returns whether new sockets use IPv6, too.
func (ctx *Context) GetIpv6() (bool, error) { return ctxGet(ctx, func() bool { return ctx.ipv6 }) }

// GetIpv6 is that of the default context.
func GetIpv6() (bool, error) { return defaultCtx.GetIpv6() }

// SetIpv6 sets whether new sockets use IPv6, too.
func (ctx *Context) SetIpv6(i bool) error {
	return ctx.ctxSet(true, func() { ctx.ipv6 = i })
}

// SetIpv6 is that of the default context.
func SetIpv6(i bool) error { return defaultCtx.SetIpv6(i) }

// GetBlocky returns whether new sockets have a linger time without end, so that Term
// waits until all is sent; without it theirs is 0.
func (ctx *Context) GetBlocky() (bool, error) { return ctxGet(ctx, func() bool { return !ctx.nowait }) }

// GetBlocky is that of the default context.
func GetBlocky() (bool, error) { return defaultCtx.GetBlocky() }

// SetBlocky sets whether new sockets have a linger time without end, so that Term
// waits until all is sent; without it theirs is 0.
func (ctx *Context) SetBlocky(i bool) error {
	return ctx.ctxSet(true, func() { ctx.nowait = !i })
}

// SetBlocky is that of the default context.
func SetBlocky(i bool) error { return defaultCtx.SetBlocky(i) }

// GetRetryAfterEINTR returns what SetRetryAfterEINTR has set.
func (ctx *Context) GetRetryAfterEINTR() bool {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	return ctx.retry
}

// GetRetryAfterEINTR is that of the default context.
func GetRetryAfterEINTR() bool { return defaultCtx.GetRetryAfterEINTR() }

// SetRetryAfterEINTR changes nothing: no call is interrupted by signals here.
func (ctx *Context) SetRetryAfterEINTR(retry bool) {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	ctx.retry = retry
}

// SetRetryAfterEINTR is that of the default context.
func SetRetryAfterEINTR(retry bool) { defaultCtx.SetRetryAfterEINTR(retry) }

// SetThreadPriority changes nothing: there are no threads of the context's own.
func (ctx *Context) SetThreadPriority(n int) error { return ctx.ctxSet(true, func() {}) }

// SetThreadPriority is that of the default context.
func SetThreadPriority(n int) error { return defaultCtx.SetThreadPriority(n) }

// SetThreadSchedPolicy changes nothing: there are no threads of the context's own.
func (ctx *Context) SetThreadSchedPolicy(n int) error { return ctx.ctxSet(true, func() {}) }

// SetThreadSchedPolicy is that of the default context.
func SetThreadSchedPolicy(n int) error { return defaultCtx.SetThreadSchedPolicy(n) }
