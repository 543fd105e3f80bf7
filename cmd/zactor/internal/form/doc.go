// Package form writes messages as text and reads them back.
//
//	text    a line a message, as it is; frames have a TAB between them
//	json    {"frames":["a","b"]}; a frame that is no UTF-8 is {"hex":"00ff"}
//	hex     the hex digits of each frame, with a space between the frames
//	quoted  each frame as a Go string, with a space between the frames
//	raw     the bytes and nothing else
//
// JSON, hex and quoted give back every message as it was. Text does so for messages of
// one frame without a line end, and reads a line as one frame; on a terminal it quotes
// what is not printable.
package form
