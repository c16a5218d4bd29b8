package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// The ports of a first run, if they are free. They are not the usual ones, on which other servers may listen.
const (
	firstMongoPort = 27117
	firstRedisPort = 6479
)

// onKeptPort calls start with the port of the last run with the same data, so that bookmarks and open shells stay
// valid. If that port is taken, it says so and calls start with 0, which means any free port.
func onKeptPort[S any](title, dir string, first int, start func(port int) (S, int, error)) (S, error) {
	file := filepath.Join(dir, "port")
	port, kept := first, false
	if text, err := os.ReadFile(file); err == nil {
		if n, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && n > 0 && n < 65536 {
			port, kept = n, true
		}
	}
	wanted := port
	if !portIsFree(port) {
		port = 0
	}
	server, port, err := start(port)
	if err != nil {
		return server, err
	}
	if port != wanted && kept {
		fmt.Fprintf(os.Stderr, "port %d is taken; %s is on port %d from now on\n", wanted, title, port)
	}
	if err := os.WriteFile(file, []byte(strconv.Itoa(port)+"\n"), 0o600); err != nil {
		return server, fmt.Errorf("keep the port of %s: %w", title, err)
	}
	return server, nil
}

func portIsFree(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}
