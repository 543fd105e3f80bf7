// Package logs writes what a package has to say to the logger that its user gave it:
// zerolog's, log/slog's, or both, in the fields of each.
//
// Nothing is logged unless an option named a logger. What is logged again and again
// goes through the catalogue of events and is limited: see [Logger.Limited].
//
// A logger is the user's code. When it panics, the line is lost and counted, and
// whoever logged goes on.
package logs
