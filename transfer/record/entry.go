package record

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"grapevine"
)

var bracketed = regexp.MustCompile(`^(.*)<([^<>]*@[^<>]*)>$`)

// CleanEmail takes the address out of "Name <address>" and "mailto:address".
func CleanEmail(text string) (address, name string, ok bool) {
	text = strings.TrimSpace(text)
	if match := bracketed.FindStringSubmatch(text); match != nil {
		name, text = strings.Trim(match[1], `"' `), strings.TrimSpace(match[2])
	}
	if len(text) > len("mailto:") && strings.EqualFold(text[:len("mailto:")], "mailto:") {
		text, _, _ = strings.Cut(text[len("mailto:"):], "?")
	}
	return text, name, grapevine.EmailProblem(text) == ""
}

// standardLabels are written in lower case, as everywhere in Grapevine.
var standardLabels = func() map[string]string {
	labels := map[string]string{"cell": "mobile", "business": "work", "cellular": "mobile"}
	for label := range strings.SplitSeq("home,work,mobile,other,main,pager,fax,home fax,work fax,other fax,car,assistant,company main,"+
		"birthday,anniversary,spouse,partner,child,mother,father,parent,brother,sister,friend,relative,manager,domestic partner,"+
		"referred by,profile,blog,home page,school,work mobile,internet,google voice,iphone", ",") {
		labels[label] = label
	}
	return labels
}()

// CleanLabel returns a label as contacts have it, and whether the file marks the entry as preferred, as Google's "* Home".
func CleanLabel(label string) (clean string, preferred bool) {
	label, preferred = strings.CutPrefix(OneLine(label), "*")
	label = strings.TrimSpace(label)
	if standard, found := standardLabels[strings.ToLower(label)]; found {
		label = standard
	}
	return label, preferred
}

// CutLabel cuts a label to what a contact takes. whole is the label if it was longer, else empty. A file can have thousands
// of entries with one label, so a reader cuts it before [Fit] looks at each of them.
func CutLabel(label string) (short, whole string) {
	if len(label) <= grapevine.MaxLabel || utf8.RuneCountInString(label) <= grapevine.MaxLabel {
		return label, ""
	}
	return strings.TrimSpace(cutRunes(label, grapevine.MaxLabel)), label
}

// PreferCallable moves the first number that people answer to the front.
func PreferCallable(phones []grapevine.Entry) {
	i := slices.IndexFunc(phones, func(e grapevine.Entry) bool {
		return !slices.ContainsFunc([]string{"fax", "pager", "telex", "isdn", "tty", "assistant", "callback"}, func(word string) bool {
			return strings.Contains(strings.ToLower(e.Label), word)
		})
	})
	if i > 0 {
		first := phones[i]
		copy(phones[1:], phones[:i])
		phones[0] = first
	}
}

// notTags are the groups in which Google and others put every contact, by their keys.
var notTags = []string{"mycontacts", "allcontacts"}

// IsNoTag reports whether a group holds every contact, so that it says nothing about one.
func IsNoTag(tag string) bool { return slices.Contains(notTags, Key(tag)) }
