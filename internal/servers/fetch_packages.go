package servers

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// unpackPackages unpacks Debian or Ubuntu packages into work/folder, with the dependencies that the system
// lacks. It needs no root and changes nothing outside the cache.
func (f *fetcher) unpackPackages(ctx context.Context, folder string, names ...string) error {
	for _, tool := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%s is missing, so this is not Debian or Ubuntu", tool)
		}
	}
	// The system's package lists may be missing (in a container) or too old for a download.
	err := f.downloadPackages(ctx, nil, names)
	if err != nil && ctx.Err() == nil {
		own := []string{
			"-o", "Dir::State::lists=" + filepath.Join(f.work, "lists"), "-o", "Dir::Cache=" + filepath.Join(f.work, "apt"),
			"-o", "APT::Sandbox::User=root", "-o", "APT::Update::Post-Invoke::=", "-o", "APT::Update::Post-Invoke-Success::=",
		}
		for _, dir := range []string{"lists/partial", "apt/archives/partial"} {
			if err := os.MkdirAll(filepath.Join(f.work, dir), 0o750); err != nil {
				return err
			}
		}
		fmt.Fprintln(f.out, "updating the package lists (apt-get update)")
		if _, err := f.run(ctx, nil, "apt-get", append(own, "update")...); err != nil {
			return err
		}
		err = f.downloadPackages(ctx, own, names)
	}
	if err != nil {
		return err
	}
	debs, err := filepath.Glob(filepath.Join(f.work, "*.deb"))
	if err != nil {
		return err
	}
	root := filepath.Join(f.work, folder)
	for _, deb := range debs {
		if _, err := f.run(ctx, nil, "dpkg-deb", "-x", deb, root); err != nil {
			return err
		}
		if err := os.Remove(deb); err != nil {
			return err
		}
	}
	return nil
}

func (f *fetcher) downloadPackages(ctx context.Context, options, names []string) error {
	apt := func(args ...string) (string, error) {
		return f.run(ctx, nil, "apt-get", slices.Concat(options, args)...)
	}
	plan, err := apt(append([]string{"-s", "--no-install-recommends", "install"}, names...)...)
	if err != nil {
		return err
	}
	missing := missingPackages(plan)
	if len(missing) == 0 {
		return fmt.Errorf("%s is already installed", strings.Join(names, ", "))
	}
	uris, err := apt(append([]string{"download", "--print-uris"}, missing...)...)
	if err != nil {
		return err
	}
	stop := f.progress(fmt.Sprintf("%s (%d packages)", strings.Join(names, ", "), len(missing)), downloadSize(uris))
	defer stop()
	_, err = apt(append([]string{"download"}, missing...)...)
	return err
}

// missingPackages reads the plan of `apt-get -s install`. It leaves out the C library, because another one
// does not work with the system's loader.
func missingPackages(plan string) []string {
	var names []string
	for line := range strings.Lines(plan) {
		fields := strings.Fields(line)
		if len(fields) > 1 && fields[0] == "Inst" && fields[1] != "libc6" && fields[1] != "libc-bin" {
			names = append(names, fields[1])
		}
	}
	return names
}

// downloadSize adds up the sizes of `apt-get download --print-uris`, whose lines are: 'URI' file size hash.
func downloadSize(uris string) (total int64) {
	lines := bufio.NewScanner(strings.NewReader(uris))
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 2 {
			if size, err := strconv.ParseInt(fields[2], 10, 64); err == nil {
				total += size
			}
		}
	}
	return total
}

// libraryPath is the LD_LIBRARY_PATH of the packages unpacked below root.
func libraryPath(root string) string {
	var dirs []string
	for _, pattern := range []string{"usr/lib/*-linux-gnu", "lib/*-linux-gnu"} {
		found, _ := filepath.Glob(filepath.Join(root, pattern)) // the pattern is a constant
		dirs = append(dirs, found...)
	}
	return strings.Join(dirs, ":")
}
