package tables

import (
	"bufio"
	"bytes"
	"regexp"
	"strings"

	"grapevine"
	"grapevine/transfer/record"
)

const (
	maxHeadRows = 20   // in which the titles are looked for
	maxColumns  = 1000 // of a file
	// maxTitleBytes of a title are kept, because it is the label of a custom field in every row.
	maxTitleBytes = 1000
)

// separators are tried in this order.
const separators = ",;\t|"

var separatorLine = regexp.MustCompile(`^(?i)"?sep=(.)"?$`)

// head is what stands above the contacts.
type head struct {
	titles  []string
	targets []target
	below   []row // read, but not of the head
}

// readHead finds the titles among the first rows. Text may stand above them.
func readHead(rows *rowReader) head {
	var first []row
	for size := 0; len(first) < maxHeadRows && size < maxRowBytes; {
		r, err := rows.next()
		if err != nil {
			break // it comes again
		}
		if !emptyCells(r.cells) || r.skipped != "" {
			first = append(first, r)
		}
		for _, cell := range r.cells {
			size += len(cell)
		}
	}
	place, known := findTitles(first)
	if place < 0 || known == 0 && looksLikeData(first[place].cells) {
		return head{below: first}
	}
	titles := first[place].cells
	titles = titles[:min(len(titles), maxColumns)]
	h := head{titles: make([]string, len(titles)), below: first[place+1:]}
	for i, title := range titles {
		h.titles[i] = grapevine.CutText(record.OneLine(cellText(title)), maxTitleBytes)
	}
	return h
}

// findTitles returns the row of the titles, and how many of them are known. It returns -1 where there is no row.
func findTitles(rows []row) (place, known int) {
	place = -1
	for i, r := range rows {
		if r.skipped != "" {
			continue
		}
		n := 0
		for _, title := range r.cells[:min(len(r.cells), maxColumns)] {
			if _, found := targetOfTitle(cellText(title)); found || title == ownTitle {
				n++
			}
		}
		if place < 0 || n > known {
			place, known = i, n
		}
		if n >= 2 {
			break
		}
	}
	return place, known
}

// guess gives each column the field that its title stands for, or its place among the custom fields. old says that the file
// is an old export.
func (h *head) guess(old bool) {
	h.targets = make([]target, len(h.titles))
	for i, title := range h.titles {
		t, found := targetOfTitle(title)
		switch {
		case old && isServerTitle(title):
		case found:
			h.targets[i] = t
		default:
			h.targets[i] = target{field: custom}
		}
	}
	resolve(h.targets)
}

// guessByContent is for a file without titles.
func (h *head) guessByContent() {
	if len(h.below) == 0 {
		return
	}
	for _, cell := range h.below[0].cells[:min(len(h.below[0].cells), maxColumns)] {
		t := target{field: custom}
		switch cell = cellText(cell); {
		case strings.Contains(cell, "@"):
			t.field = "emails"
		case isPhone(cell):
			t.field = "phones"
		}
		h.titles, h.targets = append(h.titles, ""), append(h.targets, t)
	}
}

// oldExport reports whether Grapevine wrote the file before contacts had the fields of an address book.
func oldExport(titles []string) bool {
	found := 0
	for _, title := range titles {
		if isServerTitle(title) {
			found++
		}
	}
	return found == 3
}

// isServerTitle reports a column that the server fills.
func isServerTitle(title string) bool {
	return title == "id" || title == "createdAt" || title == "updatedAt"
}

func emptyCells(cells []string) bool {
	for _, cell := range cells {
		if record.OneLine(cell) != "" {
			return false
		}
	}
	return true
}

// looksLikeData reports whether a row is a contact and no row of titles.
func looksLikeData(cells []string) bool {
	for _, cell := range cells {
		if strings.Contains(cell, "@") || isPhone(cellText(cell)) {
			return true
		}
	}
	return false
}

func isPhone(cell string) bool { return len(cell) >= minPhone && phoneNumber.MatchString(cell) }

// findSeparator looks at the beginning of the file: first for a line such as "sep=;", which it takes out, then for
// the separator that gives the most known titles, then the most cells.
func findSeparator(r *bufio.Reader) (separator byte, lines int) {
	sample, _ := r.Peek(sampleBytes) // a shorter file is no error here
	end := bytes.IndexAny(sample, "\r\n")
	if end < 0 {
		end = len(sample)
	}
	if match := separatorLine.FindSubmatch(sample[:end]); match != nil {
		if bytes.HasPrefix(sample[end:], []byte("\r\n")) {
			end++
		}
		_, _ = r.Discard(min(end+1, len(sample))) // it was peeked
		return match[1][0], 1
	}
	separator = separators[0]
	bestKnown, bestCells := 0, 0
	for _, candidate := range []byte(separators) {
		rows := rowReader{lines: newLineReader(bufio.NewReaderSize(bytes.NewReader(sample), sampleBytes)), separator: candidate}
		var first []row
		for len(first) < maxHeadRows {
			r, err := rows.next()
			if err != nil {
				break
			}
			if !emptyCells(r.cells) {
				first = append(first, r)
			}
		}
		place, known := findTitles(first)
		if place < 0 {
			continue
		}
		if cells := len(first[place].cells); known > bestKnown || known == bestKnown && cells > bestCells {
			separator, bestKnown, bestCells = candidate, known, cells
		}
	}
	return separator, 0
}
