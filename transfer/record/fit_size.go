package record

import (
	"fmt"
	"slices"
	"strings"

	"grapevine"
)

// addMoved adds what was moved to the custom fields. Those beyond the number that a contact holds become lines of the last
// one, and what is too long for one continues in the next.
func (f *fitter) addMoved() {
	entries := grapevine.NewContact().Custom
	for _, e := range slices.Concat(f.c.Custom, f.moved) {
		entries = append(entries, pieces(e)...)
	}
	if len(entries) > grapevine.MaxEntries {
		var lines []string
		for _, e := range entries[grapevine.MaxEntries-1:] {
			if e.Label != "" && e.Label != moreLabel {
				e.Value = e.Label + ": " + e.Value
			}
			lines = append(lines, e.Value)
		}
		more := pieces(grapevine.Entry{Label: moreLabel, Value: strings.Join(lines, "\n")})
		f.note("custom", fmt.Sprintf("%d further custom fields are lines of the last one", len(lines)))
		if len(more) > 1 {
			f.lose("custom", "the last custom field is too long; its rest is left out")
		}
		entries = append(entries[:grapevine.MaxEntries-1], more[0])
	}
	f.c.Custom, f.moved = entries, nil
}

// pieces cuts an entry that is too long into several.
func pieces(e grapevine.Entry) (all []grapevine.Entry) {
	e.Label = strings.TrimSpace(cutRunes(clean(e.Label, ""), grapevine.MaxLabel))
	for rest := clean(e.Value, "\n\t"); rest != ""; {
		piece := cutRunes(rest, grapevine.MaxNotes)
		rest = strings.TrimSpace(rest[len(piece):])
		all = append(all, grapevine.Entry{Label: e.Label, Value: strings.TrimSpace(piece)})
	}
	return all
}

// fitSize shortens a contact that is larger than [grapevine.MaxContactBytes]: its longest custom fields and notes first, then
// the lists from their ends.
func (f *fitter) fitSize() {
	over := f.c.TextBytes() - grapevine.MaxContactBytes
	for over > 0 {
		name := f.shortenLongest(over)
		f.lose(name, fmt.Sprintf("the contact has more than %d bytes of text; a part of this is left out", grapevine.MaxContactBytes))
		over = f.c.TextBytes() - grapevine.MaxContactBytes
	}
}

// shortenLongest takes up to so many bytes from the longest text, or drops the last record of the largest list.
func (f *fitter) shortenLongest(bytes int) (name string) {
	const short = 1000 // notes and custom fields of fewer bytes stay as long as there are lists
	longest, name := &f.c.Notes, "notes"
	for i := range f.c.Custom {
		if len(f.c.Custom[i].Value) > len(*longest) {
			longest, name = &f.c.Custom[i].Value, "custom"
		}
	}
	if len(*longest) > short {
		*longest = strings.TrimSpace(grapevine.CutText(*longest, max(short, len(*longest)-bytes)))
		return name
	}
	var largest *grapevine.Field
	most := -1
	for _, field := range grapevine.ContactFields {
		if field.Type != grapevine.RecordsField || field.Records.Len(f.c) == 0 {
			continue
		}
		if n := recordsBytes(f.c, field); n > most {
			largest, most = field, n
		}
	}
	if largest == nil { // the texts alone are never so large
		f.c.Notes = ""
		return "notes"
	}
	largest.Records.Limit(f.c, largest.Records.Len(f.c)-1)
	return largest.Name
}

func recordsBytes(c *grapevine.Contact, field *grapevine.Field) (n int) {
	for i := range field.Records.Len(c) {
		for j := range field.Records.SubFields() {
			n += len(*field.Records.Text(c, i, j))
		}
	}
	return n
}
