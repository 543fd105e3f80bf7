package zmq

import "testing"

// Each type of the table can do something, and has a name of its own.
func TestKinds(t *testing.T) {
	names := map[string]bool{}
	for i, k := range kinds[:Channel+1] {
		if k.name == "" || names[k.name] || k.policy == nil {
			t.Errorf("row %d: %+v", i, k)
			continue
		}
		if tx, rx := k.policy(&Socket{}); tx == nil && rx == nil {
			t.Errorf("a %s neither sends nor receives", k.name)
		}
		names[k.name] = true
		if Type(i).String() != k.name {
			t.Errorf("%d is %q", i, Type(i))
		}
	}
	if _, ok := kindOf(200); ok || Type(200).String() != "unknown" {
		t.Error("there is a type 200")
	}
}
