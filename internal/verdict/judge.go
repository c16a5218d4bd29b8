package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is a line of test2json; ImportPath is that of build output.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

type verdict struct {
	passed, failed int      // tests and subtests; a package that does not build or exits badly counts as one
	troubles       []string // what failed and why, a line each
}

func (v *verdict) fail(format string, args ...any) {
	v.failed++
	v.troubles = append(v.troubles, fmt.Sprintf(format, args...))
}

// judge shows on out what a person wants to see of a run. Lines that are not events (a build's, a
// tool's) are passed through.
func judge(in io.Reader, out io.Writer) (verdict, error) {
	var v verdict
	said := map[[2]string]*strings.Builder{} // what a test has printed so far
	failedTests := map[string]int{}          // by package
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
				fmt.Fprint(out, line)
			} else {
				v.count(e, said, failedTests, out)
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return v, err
		}
	}
	if v.passed+v.failed == 0 {
		v.fail("no test ran")
	}
	return v, nil
}

func (v *verdict) count(e event, said map[[2]string]*strings.Builder, failedTests map[string]int, out io.Writer) {
	key := [2]string{e.Package, e.Test}
	name := strings.TrimSpace(e.Package + " " + e.Test)
	switch e.Action {
	case "build-output":
		fmt.Fprint(out, e.Output)
	case "output":
		if said[key] == nil {
			said[key] = &strings.Builder{}
		}
		said[key].WriteString(e.Output)
	case "pass", "fail", "skip":
		text := said[key]
		delete(said, key)
		switch {
		case e.Test == "" && e.Action == "fail":
			fmt.Fprintf(out, "FAIL  %s (%.1f s)\n", e.Package, e.Elapsed)
			if failedTests[e.Package] > 0 {
				return // its tests have been counted
			}
			if text != nil {
				fmt.Fprint(out, text.String()) // a panic in TestMain, a leak, a build that failed
			}
			for unfinished, text := range said { // a timeout, a crash
				if unfinished[0] == e.Package {
					fmt.Fprint(out, text.String())
				}
			}
			v.fail("%s: failed outside its tests", name)
		case e.Test == "" && e.Action == "pass":
			fmt.Fprintf(out, "ok    %s (%.1f s)\n", e.Package, e.Elapsed)
		case e.Test == "": // a package without tests
		case e.Action == "pass":
			v.passed++
		default:
			failedTests[e.Package]++
			if text != nil {
				fmt.Fprint(out, text.String())
			}
			if e.Action == "skip" {
				v.fail("%s: skipped, which counts as failed", name)
			} else {
				v.fail("%s", name)
			}
		}
	}
}
