package app

import (
	"fmt"
	"strconv"
	"strings"
)

// hole is a known hole in the security of a server. Each release series has the first patch that closes it.
type hole struct {
	server, cve string
	series      []series // ascending
	note        string
}

type series struct{ major, minor, patch int }

var (
	mongoBleed = hole{
		server: "MongoDB", cve: "CVE-2025-14847",
		series: []series{{4, 4, 30}, {5, 0, 32}, {6, 0, 27}, {7, 0, 28}, {8, 0, 17}, {8, 2, 3}},
	}
	redisScript = hole{
		server: "Redis", cve: "CVE-2025-49844",
		series: []series{{6, 2, 20}, {7, 2, 11}, {7, 4, 6}, {8, 0, 4}, {8, 2, 2}},
		note:   " unless your distribution has closed it",
	}
)

// mongoHole warns of a MongoDB version; empty means that no hole is known.
func mongoHole(version string) string { return mongoBleed.warning(version) }

func redisHole(version string) string { return redisScript.warning(version) }

// warning is a sentence about the version, or empty if it has not the hole. A series without a patch has it until the
// next series with one.
func (h hole) warning(version string) string {
	v, ok := parseVersion(version)
	if !ok {
		return ""
	}
	var closed []string
	for _, s := range h.series {
		if v.major == s.major && v.minor == s.minor && v.patch >= s.patch {
			return ""
		}
		closed = append(closed, fmt.Sprintf("%d.%d.%d", s.major, s.minor, s.patch))
	}
	newest := h.series[len(h.series)-1]
	if v.major > newest.major || v.major == newest.major && v.minor > newest.minor {
		return ""
	}
	return fmt.Sprintf("%s %s has a known security hole (%s)%s. Upgrade it; the hole is closed in %s.", h.server, version, h.cve, h.note, strings.Join(closed, ", "))
}

func parseVersion(text string) (v series, ok bool) {
	parts := strings.SplitN(text, ".", 3)
	if len(parts) < 3 {
		return v, false
	}
	patch := parts[2]
	if end := strings.IndexFunc(patch, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		patch = patch[:end] // 8.0.4-rc1
	}
	for i, target := range []*int{&v.major, &v.minor, &v.patch} {
		text := parts[i]
		if i == 2 {
			text = patch
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return v, false
		}
		*target = n
	}
	return v, true
}
