package vcard

import "strings"

// headScan looks for the colon that ends the name and the parameters.
type headScan struct {
	at     int // up to here there is none
	quoted bool
}

// end returns the index of the colon. If there is none yet, it can be called again with a longer line.
func (s *headScan) end(line []byte) (int, bool) {
	for ; s.at < len(line); s.at++ {
		switch b := line[s.at]; {
		case b == '"':
			s.quoted = !s.quoted
		case b == ':' && !s.quoted:
			return s.at, true
		}
	}
	return 0, false
}

// parseHead splits the name and the parameters of a property.
func parseHead(head string) (group, name string, params []Param) {
	parts := splitQuoted(head, ';')
	name = strings.ToUpper(strings.TrimSpace(parts[0]))
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		group, name = strings.TrimSpace(parts[0])[:i], name[i+1:]
	}
	for _, part := range parts[1:] {
		if label, ok := androidLabel(part); ok {
			params = append(params, Param{CustomLabel, label})
			continue
		}
		key, value, named := strings.Cut(part, "=")
		if !named {
			key, value = bareParam(key), key
		}
		if value = strings.TrimSpace(value); value == "" {
			continue
		}
		if len(params) == maxParams {
			break
		}
		params = append(params, Param{strings.ToUpper(strings.TrimSpace(key)), unquote(value)})
	}
	return group, name, params
}

// CustomLabel is the name of the parameter with a label that a person gave on an Android phone.
const CustomLabel = "X-CUSTOM"

// androidLabel reads X-CUSTOM(label), whose label may be encoded as (CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=41).
func androidLabel(param string) (label string, ok bool) {
	text := strings.TrimSpace(param)
	begin, inside, found := strings.Cut(text, "(")
	if !found || !strings.EqualFold(begin, CustomLabel) {
		return "", false
	}
	inside = strings.TrimSuffix(inside, ")")
	if i := strings.LastIndexByte(inside, ','); i >= 0 && strings.Contains(strings.ToUpper(inside[:i]), "QUOTED-PRINTABLE") {
		inside = string(decodeQuotedPrintable([]byte(inside[i+1:]), false))
	}
	return inside, inside != ""
}

// bareParam returns the name of a parameter that version 2.1 writes without one.
func bareParam(value string) string {
	switch strings.ToUpper(strings.TrimSpace(value)) {
	case "QUOTED-PRINTABLE", "BASE64", "7BIT", "8BIT":
		return "ENCODING"
	case "INLINE", "URL", "CONTENT-ID", "CID":
		return "VALUE"
	}
	return "TYPE"
}

// splitQuoted splits text at a separator outside of quotes.
func splitQuoted(text string, separator byte) []string {
	var parts []string
	quoted, from := false, 0
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == separator && !quoted:
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

// unquote removes quotes, also those of a list of values, and the escapes of RFC 6868.
func unquote(value string) string {
	value = strings.ReplaceAll(value, `"`, "")
	if strings.Contains(value, "^") {
		value = strings.NewReplacer("^n", "\n", "^^", "^", "^'", `"`).Replace(value)
	}
	return value
}
