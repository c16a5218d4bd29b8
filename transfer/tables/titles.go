package tables

import (
	_ "embed" // titles.tsv and words.tsv
	"regexp"
	"slices"
	"strconv"
	"strings"

	"grapevine/transfer/record"
)

//go:embed titles.tsv
var titlesFile string

//go:embed words.tsv
var wordsFile string

// knownTitles are the titles of titles.tsv by their keys.
var knownTitles = func() map[string]target {
	titles := map[string]target{}
	for line := range dataLines(titlesFile) {
		parts := strings.Split(line, "\t")
		field := parts[2]
		if field == "-" {
			field = ""
		}
		t, err := parseField(field)
		if err != nil {
			t = target{field: field} // a choice; a test looks at it
		}
		titles[titleKey(parts[1])] = t
	}
	return titles
}()

// knownWords are the meanings of words.tsv by word.
var knownWords, longestWord = func() (words map[string]string, longest int) {
	words = map[string]string{}
	for line := range dataLines(wordsFile) {
		meaning, list, _ := strings.Cut(line, "\t")
		for _, word := range strings.Fields(list) {
			words[word] = meaning
			longest = max(longest, len(word))
		}
	}
	return words, longest
}()

func dataLines(file string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(file) {
			if line = strings.TrimSuffix(line, "\n"); line != "" && line[0] != '#' && !yield(line) {
				return
			}
		}
	}
}

// maxTitle bounds the bytes of a title that is looked up.
const maxTitle = 100

// titleKey leaves out what does not matter in a title: case, accents, blanks and punctuation.
func titleKey(title string) string {
	if len(title) > maxTitle {
		return ""
	}
	return record.Key(title)
}

// targetOfTitle finds where a column goes by its title.
func targetOfTitle(title string) (target, bool) {
	key := titleKey(title)
	if key == "" {
		return target{}, false
	}
	if t, found := knownTitles[key]; found {
		return t, true
	}
	if t, found := numbered(key); found {
		return t, true
	}
	if t, found := explained(key); found {
		return t, true
	}
	t, err := parseField(strings.TrimSpace(title))
	return t, err == nil && t.field != ""
}

// numberedTitle is a title of an entry that has columns for its label and its value, as Google writes them.
// Some programs translate the words.
var numberedTitle = regexp.MustCompile(`^([a-z]+)(\d{1,2})([a-z]+)$`)

var numberedLists = map[string]string{
	"email": "emails", "phone": "phones", "website": "urls", "event": "dates", "relation": "related", "customfield": custom,
	"im": custom, "address": "addresses",
	"telefon": "phones", "ereignis": "dates", "termin": "dates", "beziehung": "related", "benutzerdefiniertesfeld": custom, "adresse": "addresses",
	"telephone": "phones", "siteweb": "urls", "evenement": "dates", "champpersonnalise": custom,
	"telefono": "phones", "sitioweb": "urls", "evento": "dates", "relacion": "related", "campopersonalizado": custom, "direccion": "addresses",
}

var numberedParts = map[string]string{
	"value": "", "wert": "", "valeur": "", "valor": "",
	"label": labelPart, "type": labelPart, "service": labelPart, "formatted": formattedPart, "street": streetPart, "extendedaddress": streetPart,
	"pobox": streetPart, "city": "city", "region": "region", "state": "region", "postalcode": "postalCode", "zip": "postalCode", "country": "country",
	"typ": labelPart, "formatiert": formattedPart, "strasse": streetPart, "erweiterteadresse": streetPart, "postfach": streetPart,
	"ort": "city", "stadt": "city", "bundesland": "region", "plz": "postalCode", "postleitzahl": "postalCode", "land": "country",
	"libelle": labelPart, "etiquette": labelPart, "rue": streetPart, "adresseetendue": streetPart, "boitepostale": streetPart, "ville": "city",
	"codepostal": "postalCode", "pays": "country",
	"etiqueta": labelPart, "tipo": labelPart, "calle": streetPart, "ciudad": "city", "provincia": "region", "codigopostal": "postalCode", "pais": "country",
}

// messagingNumbers keep the entries of messaging apart from the custom fields with the same number.
const messagingNumbers = 100

func numbered(key string) (target, bool) {
	match := numberedTitle.FindStringSubmatch(key)
	if match == nil {
		return target{}, false
	}
	n, _ := strconv.Atoi(match[2]) // two digits
	field, isList := numberedLists[match[1]]
	part, isPart := numberedParts[match[3]]
	if !isList || !isPart {
		return target{}, false
	}
	t := target{field: field, number: n, part: part}
	if match[1] == "im" {
		if match[3] == "type" { // home or work; the service is the label
			return target{}, true
		}
		t.number += messagingNumbers
	}
	isAddress := t.field == "addresses"
	return t, n > 0 && (isAddress && t.part != "" || !isAddress && (t.part == "" || t.part == labelPart))
}

// explained finds the target of a title that is made of words of words.tsv only.
func explained(key string) (target, bool) {
	meanings := split(key, make([]bool, len(key)+1))
	var t target
	var where, kind string
	isAddress := false
	for _, meaning := range meanings {
		switch meaning {
		case "weak":
		case "address":
			isAddress = true
		case "work", "home", "other":
			where = meaning
		case "mobile", "fax", "pager", "car", "main", "radio", "telex", "isdn", "tty", "assistant":
			kind = meaning
		case "region": // "Country/Region" is the country
			if t.part == "" {
				t.part = meaning
			}
		case streetPart, "city", "postalCode", "country":
			if t.part != "" && t.part != meaning && t.part != "region" {
				return target{}, false
			}
			t.part = meaning
		default:
			if t.field != "" && t.field != meaning && (t.field != "phones" || meaning != "urls") {
				return target{}, false
			}
			t.field = meaning
		}
	}
	t.label = strings.TrimSpace(where + " " + kind)
	switch {
	case t.part != "" && t.field+kind == "":
		t.field = "addresses"
	case t.part != "":
		return target{}, false
	case t.field == "" && slices.Contains([]string{"mobile", "fax", "pager", "telex", "isdn", "tty"}, kind):
		t.field = "phones"
	case t.field == "" && isAddress && kind == "":
		t.field, t.part = "addresses", streetPart
	}
	return t, t.field != ""
}

// split returns the meanings of the words that the key is made of, nil if it is not. The longest words come first. dead
// marks the lengths of rests that are not made of words.
func split(key string, dead []bool) []string {
	if dead[len(key)] {
		return nil
	}
	for n := min(longestWord, len(key)); n > 0; n-- {
		meaning, found := knownWords[key[:n]]
		if !found {
			continue
		}
		if n == len(key) {
			return []string{meaning}
		}
		if rest := split(key[n:], dead); rest != nil {
			return append(rest, meaning)
		}
	}
	dead[len(key)] = true
	return nil
}

// resolve decides about the titles whose meaning depends on the other columns.
func resolve(targets []target) {
	has := func(field string) bool {
		return slices.ContainsFunc(targets, func(t target) bool { return t.field == field })
	}
	parts := func(part string) bool {
		return slices.ContainsFunc(targets, func(t target) bool { return t.part == part })
	}
	first, last, title := has("firstName"), has("lastName"), has("title")
	for i := range targets {
		t := &targets[i]
		switch t.field {
		case fullOrLastName: // Vorname, Name; a file with kinds has names of organizations
			t.field = choose(first && !last && !has("kind"), "lastName", fullName)
		case fullOrFirstName: // Nombre, Apellidos
			t.field = choose(last && !first, "firstName", fullName)
		case titleOrPrefix: // Title, First Name, …, Job Title
			beforeName := i+1 < len(targets) && slices.Contains([]string{"firstName", fullOrFirstName}, targets[i+1].field)
			again := slices.ContainsFunc(targets[i+1:], func(t target) bool { return t.field == titleOrPrefix })
			t.field = choose(title || beforeName || again, "prefix", "title")
			title = title || again && t.field == "title"
		case "dates": // Birthday alone is a date; beside Birth Month, Birth Day is a part of one
			switch {
			case t.part == "day" && !parts("month"):
				t.part = ""
			case t.part == "" && t.label == birthday && parts("month") && !parts("day"):
				t.part = "day"
			}
		}
	}
}

func choose(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}
