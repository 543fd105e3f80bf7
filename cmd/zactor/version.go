package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is what the Go toolchain has noted in the binary.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

// commit is what the build script says where the toolchain notes nothing.
var commit string

func thisBuild() build {
	info, _ := debug.ReadBuildInfo()
	return buildOf(info, commit)
}

// buildOf is what a binary says of itself. What the toolchain has noted goes before what the
// build script said; info is nil where nothing was noted.
func buildOf(info *debug.BuildInfo, commit string) build {
	b := build{Version: "(devel)", Commit: commit, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info == nil {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// String is one line for people.
func (b build) String() string {
	s := "zactor " + b.Version
	if b.Commit != "" {
		s += " commit " + b.Commit[:min(len(b.Commit), 12)]
	}
	if b.Modified {
		s += " modified"
	}
	return fmt.Sprintf("%s %s %s/%s", s, b.Go, b.OS, b.Arch)
}

func version() string { return thisBuild().String() }

func (t *tool) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and the version of Go",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if !t.JSON {
				_, err := fmt.Fprintln(t.Stdout, thisBuild())
				return err
			}
			return json.NewEncoder(t.Stdout).Encode(thisBuild())
		},
	}
}
