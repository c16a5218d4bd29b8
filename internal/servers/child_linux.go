package servers

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ChildAttributes make a child process end with its parent, where the system can do that.
func ChildAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// stopped reports whether every thread of the process is stopped or has ended.
func stopped(pid int) bool {
	states, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, name := range states {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // the thread has ended in the meantime
		}
		// The state is the first field after the name. The name is in parentheses and may have any byte.
		_, after, _ := bytes.Cut(stat, []byte(") "))
		if len(after) > 0 && !bytes.ContainsRune([]byte("TtZX"), rune(after[0])) {
			return false
		}
	}
	return true
}
