//go:build unix && !linux

package servers

import "syscall"

// ChildAttributes make a child process end with its parent, where the system can do that.
func ChildAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// stopped cannot be observed on this system, so it assumes that the signal has worked.
func stopped(int) bool { return true }
