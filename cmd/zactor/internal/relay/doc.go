// Package relay has zactor proxy: messages from one socket to another, and back.
package relay
