package main

import (
	stdbytes "bytes"
	"os"
	"path/filepath"
	"testing"
)

// What package zmq has is what the table says.
func TestCurrent(t *testing.T) {
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		if !stdbytes.Equal(got, want) {
			t.Errorf("%s is not current: run go generate ./zmq", name)
		}
	}
}

func TestDozen(t *testing.T) {
	if list := essentials(); len(list) != 12 {
		t.Errorf("%d options are said to be the dozen: %v", len(list), list)
	}
}
