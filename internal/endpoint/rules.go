package endpoint

// ForBind reports why nothing can be bound to e, or nil.
func (e Endpoint) ForBind() error {
	if e.Multicast() {
		return e.forMulticast()
	}
	if e.Scheme == TCP && e.Source != (Source{}) {
		return invalid(e.String(), "a source address is for connecting")
	}
	return nil
}

// ForConnect reports why nothing can be connected to e, or nil. A name that
// does not resolve is no reason: it may resolve later.
func (e Endpoint) ForConnect() error {
	if e.Multicast() {
		return e.forMulticast()
	}
	rule := ""
	switch {
	case e.Scheme == Inproc:
	case e.Scheme == IPC && e.Path == Wildcard:
		rule = "a wildcard path is for binding"
	case e.Scheme == IPC:
	case e.Host == Wildcard:
		rule = "a wildcard host is for binding"
	case e.Port == Wildcard, e.Port == "0":
		rule = "a wildcard port is for binding"
	}
	if rule != "" {
		return invalid(e.String(), rule)
	}
	return nil
}
