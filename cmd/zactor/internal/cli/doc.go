// Package cli is the frame of the tool: its flags, its exit codes, how it says what went
// wrong, and what it waits for.
package cli
