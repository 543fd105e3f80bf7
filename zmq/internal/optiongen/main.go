// Command optiongen writes the options of package zmq from their one table: the struct
// that holds them, the functions that set them, the rows by which they are found by
// name, the typed snapshot of Settings, and their part of the package's page.
//
// It is run by go generate in zmq. Its test fails when what is there is not what it
// would write.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	files, err := generate()
	for name, text := range files {
		if err == nil {
			err = os.WriteFile(filepath.Join(".", name), text, 0o644)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "optiongen:", err)
		os.Exit(1)
	}
}
