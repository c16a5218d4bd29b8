package web

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
)

var (
	// entryScript is the tag of a page's first module.
	entryScript = regexp.MustCompile(`<script type="module" src="` + regexp.QuoteMeta(placeholder) + `([^"]+)"></script>`)
	// importedPath is a relative path in an import statement of a module.
	importedPath = regexp.MustCompile(`(?:import|from)\s*"(\.[^"]+)"`)
)

// addPreloads inserts a modulepreload tag for every module that the page's first module imports, directly
// or not. The browser then fetches all of them at once, not one level of imports after the other.
func addPreloads(html []byte, assets map[string]asset) []byte {
	at := entryScript.FindSubmatchIndex(html)
	if at == nil {
		return html
	}
	var tags bytes.Buffer
	for _, module := range importedModules(path.Join("assets", string(html[at[2]:at[3]])), assets) {
		_, _ = fmt.Fprintf(&tags, "<link rel=\"modulepreload\" href=\"%s\">\n", placeholder+module[len("assets/"):])
	}
	return slices.Insert(slices.Clone(html), at[0], tags.Bytes()...)
}

// importedModules lists, in order of name, the modules that entry imports, directly or not.
func importedModules(entry string, assets map[string]asset) []string {
	var found []string
	open := []string{entry}
	for len(open) > 0 {
		name := open[0]
		open = open[1:]
		for _, match := range importedPath.FindAllSubmatch(assets[name].plain, -1) {
			if module := path.Join(path.Dir(name), string(match[1])); !slices.Contains(found, module) {
				found = append(found, module)
				open = append(open, module)
			}
		}
	}
	slices.Sort(found)
	return found
}
