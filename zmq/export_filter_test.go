package zmq

// SetGroupsOf has the groups of users looked up by fn, until restore.
func SetGroupsOf(fn func(uid string) ([]string, error)) (restore func()) {
	old := groupsOf
	groupsOf = fn
	return func() { groupsOf = old }
}
