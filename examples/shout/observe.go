package main

// With ZACTOR_OBSERVE=127.0.0.1:6060 in the environment it shows there what it does.
import _ "github.com/go-zactor/zactor/observe"
