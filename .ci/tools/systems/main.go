// Systems type-checks and vets every package of a module, with its tests and all that they
// import, for other systems and processors, as "go vet" does. It reads the sources, so that
// nothing is compiled: "go vet" compiles the standard library for each system first, which
// takes ten times as long.
//
//	systems darwin/amd64 windows/amd64 linux/386
package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/analysis/suite/vet"
	"golang.org/x/tools/go/packages"
)

func main() {
	failed := false
	for _, target := range os.Args[1:] {
		problems, err := check(".", target)
		if err != nil {
			problems = append(problems, err.Error())
		}
		for _, p := range problems {
			fmt.Fprintf(os.Stderr, "%s: %s\n", target, p)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

// check returns what is wrong with the packages below a folder on one system.
func check(folder, target string) ([]string, error) {
	system, processor, ok := strings.Cut(target, "/")
	if !ok {
		return nil, fmt.Errorf("%q is not a system/processor", target)
	}
	own, err := packages.Load(&packages.Config{
		Dir:   folder,
		Mode:  packages.LoadAllSyntax | packages.NeedModule, // the module says which Go it wants
		Env:   append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+processor),
		Tests: true,
	}, "./...")
	if err != nil {
		return nil, err
	}
	if len(own) == 0 {
		return nil, fmt.Errorf("no packages in %s", folder)
	}
	if problems := faults(own); len(problems) > 0 {
		return problems, nil
	}
	return findings(own)
}

// faults are those for which a package, or one that it imports, would not compile.
func faults(own []*packages.Package) []string {
	var problems []string
	packages.Visit(own, nil, func(p *packages.Package) {
		for _, e := range p.Errors {
			problems = append(problems, e.Error())
		}
	})
	return problems
}

// findings is what vet has to say. A package stands here with and without its tests, and
// has each of its findings twice then.
func findings(own []*packages.Package) ([]string, error) {
	graph, err := checker.Analyze(vet.Suite, own, nil)
	if err != nil {
		return nil, err
	}
	var problems []string
	told := map[string]bool{}
	for _, a := range graph.Roots {
		if a.Err != nil {
			return nil, fmt.Errorf("%s: %w", a, a.Err)
		}
		for _, d := range a.Diagnostics {
			if p := fmt.Sprintf("%s: %s", a.Package.Fset.Position(d.Pos), d.Message); !told[p] {
				told[p] = true
				problems = append(problems, p)
			}
		}
	}
	return problems, nil
}
