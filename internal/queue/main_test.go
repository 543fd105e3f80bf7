package queue

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ear is an owner that counts what it is told.
type ear struct{ readable, writable int }

func (e *ear) Readable(*Pipe) { e.readable++ }
func (e *ear) Writable(*Pipe) { e.writable++ }
