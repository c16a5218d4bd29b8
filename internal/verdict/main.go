// Command verdict reads the output of `go test -json` and judges it as CI does: a test that was
// skipped, and a suite in which nothing ran, have failed. It prints a line per package, what failed
// tests said, and "NAME: N passed, N failed" at the end, where a skipped test counts as failed.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go test -json … | verdict NAME")
		os.Exit(2)
	}
	v, err := judge(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "verdict:", err)
		os.Exit(2)
	}
	if len(v.troubles) > 0 {
		fmt.Printf("\n%s failed:\n", os.Args[1])
		for _, trouble := range v.troubles {
			fmt.Println("  " + trouble)
		}
	}
	fmt.Printf("%s: %d passed, %d failed\n", os.Args[1], v.passed, v.failed)
	if v.failed > 0 {
		os.Exit(1)
	}
}
