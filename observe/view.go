package observe

import (
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/registry"
)

// view is all that there is to see at one moment.
type view struct {
	Time     time.Time            `json:"time"`
	Unwell   []string             `json:"unwell"` // why the process is not healthy
	Subjects []*registry.Snapshot `json:"subjects"`
	Gone     []registry.Gone      `json:"gone"` // totals of what has ended
}

// look takes a view. No socket stops for it.
func look() *view {
	v := &view{Time: time.Now(), Unwell: []string{}, Subjects: []*registry.Snapshot{}}
	v.Gone = registry.View(func(s *registry.Snapshot) bool {
		v.Subjects = append(v.Subjects, s)
		for _, why := range s.Unwell {
			v.Unwell = append(v.Unwell, title(s)+": "+why)
		}
		return true
	})
	return v
}

// title is a subject's kind or type, and its name.
func title(s *registry.Snapshot) string {
	t := s.Kind
	if s.Type != "" {
		t = s.Type
	}
	if s.Name != "" {
		t += ` "` + s.Name + `"`
	}
	return t
}

// totals are the sums of all counters, of the living and of those that have ended.
func (v *view) totals() map[string]float64 {
	sum := map[string]float64{"process.panics": float64(contain.Strays())}
	add := func(kind string, list []registry.Number) {
		for _, n := range list {
			if !n.Total {
				continue
			}
			name := kind + "." + n.Name
			if n.Label != "" {
				name += "." + n.Label
			}
			sum[name] += n.Value
		}
	}
	for _, s := range v.Subjects {
		sum[s.Kind+".count"]++
		add(s.Kind, s.Numbers)
	}
	for _, g := range v.Gone {
		add(g.Kind, g.Numbers)
	}
	return sum
}
