package zyre

import (
	"log/slog"

	"github.com/go-zactor/zactor/internal/figures"
)

// String is one line for people: each counter that is not zero, with its name.
func (s Stats) String() string { return figures.Text(s) }

// LogValue implements slog.LogValuer: a group of the counters, each with its name.
func (s Stats) LogValue() slog.Value { return figures.Value(s) }

// MarshalJSON writes an object of the counters, with names that begin in lower case.
func (s Stats) MarshalJSON() ([]byte, error) { return figures.JSON(s) }
