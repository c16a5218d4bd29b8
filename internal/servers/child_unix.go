//go:build unix && !linux

package servers

import "syscall"

func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// stopped is not known here; the signal is taken at its word.
func stopped(int) bool { return true }
