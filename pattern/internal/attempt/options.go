package attempt

import (
	"time"

	"github.com/go-zactor/zactor/internal/option"
)

// Defaults are the Guide's: three attempts of 2.5 s.
func Defaults() Config {
	return Config{Timeout: 2500 * time.Millisecond, Attempts: 3, Pause: 100 * time.Millisecond, Parallel: 64}
}

// Options makes the options of a package whose configuration C has a Config.
type Options[C any] struct {
	Family option.Family[C]
	At     func(*C) *Config
}

// Timeout is WithTimeout.
func (o Options[C]) Timeout(d time.Duration) func(*C) error {
	return option.Above(o.Family, "timeout", d, 0, func(c *C) *time.Duration { return &o.At(c).Timeout })
}

// Attempts is WithAttempts.
func (o Options[C]) Attempts(n int) func(*C) error {
	return option.AtLeast(o.Family, "attempts", n, 1, func(c *C) *int { return &o.At(c).Attempts })
}

// Pause is WithPause.
func (o Options[C]) Pause(d time.Duration) func(*C) error {
	return option.AtLeast(o.Family, "pause", d, 0, func(c *C) *time.Duration { return &o.At(c).Pause })
}

// Parallel is WithParallel.
func (o Options[C]) Parallel(n int) func(*C) error {
	return option.Between(o.Family, "calls at once", n, 1, 1<<16, func(c *C) *int { return &o.At(c).Parallel })
}
