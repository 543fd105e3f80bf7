package cli

import (
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// EnvName is the variable that stands for a flag: ZACTOR_CURVE_SERVER for
// --curve-server.
func EnvName(flag string) string {
	return "ZACTOR_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// FromEnv gives the flags that were not set what their variables say. A flag that may be
// repeated takes several values, with spaces or line ends between them.
func FromEnv(flags *pflag.FlagSet) (err error) {
	flags.VisitAll(func(f *pflag.Flag) {
		value, ok := os.LookupEnv(EnvName(f.Name))
		if !ok || value == "" || f.Changed || err != nil || f.Name == "help" {
			return
		}
		values := []string{value}
		if t := f.Value.Type(); t == "stringArray" || t == "pair" {
			values = strings.Fields(value)
		}
		for _, v := range values {
			if e := flags.Set(f.Name, v); e != nil {
				err = Usage("", "%s: %v", EnvName(f.Name), e)
				return
			}
		}
	})
	return err
}
