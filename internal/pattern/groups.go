package pattern

// Groups tells a RADIO which peers have joined a group: exactly that one, unlike
// topics. The zero Groups is empty and ready to use.
type Groups[T comparable] struct {
	byName map[string]*group[T]
	joined map[T]map[string]struct{}
}

// group is the members of one group, in a list to go through and a map to find.
type group[T comparable] struct {
	members []T
	at      map[T]int
}

// Join enters a member; false when it is one already.
func (g *Groups[T]) Join(name []byte, member T) bool {
	x := g.byName[string(name)]
	if x == nil {
		if g.byName == nil {
			g.byName, g.joined = map[string]*group[T]{}, map[T]map[string]struct{}{}
		}
		x = &group[T]{at: map[T]int{}}
		g.byName[string(name)] = x
	}
	if _, has := x.at[member]; has {
		return false
	}
	x.at[member] = len(x.members)
	x.members = append(x.members, member)
	if g.joined[member] == nil {
		g.joined[member] = map[string]struct{}{}
	}
	g.joined[member][string(name)] = struct{}{}
	return true
}

// Leave takes a member out; false when it is none.
func (g *Groups[T]) Leave(name []byte, member T) bool {
	x := g.byName[string(name)]
	if x == nil || !x.remove(member) {
		return false
	}
	if len(x.members) == 0 {
		delete(g.byName, string(name))
	}
	delete(g.joined[member], string(name))
	if len(g.joined[member]) == 0 {
		delete(g.joined, member)
	}
	return true
}

// LeaveAll takes a member out of all its groups.
func (g *Groups[T]) LeaveAll(member T) {
	for name := range g.joined[member] {
		g.Leave([]byte(name), member)
	}
}

// Members are those of one group. The list is the index's, and good until its next
// change.
func (g *Groups[T]) Members(name []byte) []T {
	if x := g.byName[string(name)]; x != nil {
		return x.members
	}
	return nil
}

func (x *group[T]) remove(member T) bool {
	i, has := x.at[member]
	if !has {
		return false
	}
	last := len(x.members) - 1
	x.members[i] = x.members[last]
	x.at[x.members[i]] = i
	delete(x.at, member)
	var none T
	x.members[last] = none // keeps nobody alive
	x.members = x.members[:last]
	return true
}
