// Package record writes messages with their times to files, and reads them: zactor
// capture, cat and replay. A file has a line of JSON for each message,
//
//	{"time":"2026-01-02T15:04:05.000000006Z","peer":"192.0.2.1:49153","frames":["a",{"hex":"00ff"}]}
//
// so that a file whose end is missing loses no more than the last message.
package record
