package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

const received = `string: grüezi
JSON: Bern 134794
parts: ["one" "" "three"]
`

func TestHelpers(t *testing.T) {
	endpoint := proc.TCP(t, 1)[0]
	s := proc.Start(t, "send", endpoint)
	proc.Start(t, "receive", endpoint).Want(received + "object: Basel 173863\n")
	s.Want("")
}
