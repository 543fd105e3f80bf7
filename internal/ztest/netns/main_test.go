//go:build linux

package netns

import (
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

var roles = proc.Roles{
	"echo": func() error { _, err := io.Copy(os.Stdout, os.Stdin); return err },
	"deaf": func() error { // does not end with its input
		fmt.Println("READY")
		time.Sleep(time.Hour)
		return nil
	},
}

func TestMain(m *testing.M) { roles.Main(m) }
