package imports

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/transfer/record"
)

// plan is what to do with the rows of a batch.
type plan struct {
	creates []record.Row // whose contacts have their ids
	updates []updatedRow
}

// updatedRow is a row whose values a contact gets.
type updatedRow struct {
	id   string
	line int
	row  *grapevine.Contact
}

// planner decides about the rows of an import.
type planner struct {
	id      bson.ObjectID
	created time.Time
	onMatch OnMatch
}

// plan decides about rows, the first of which is the n-th of the file, and reports what needs no write.
func (p *planner) plan(rows []record.Row, n int, known *matcher, report *Report) *plan {
	todo := &plan{}
	places := map[string]int{} // in creates, by id
	for i := range rows {
		row := &rows[i]
		report.Read++
		report.note(row.Notes...)
		if row.Skipped != "" {
			report.skip(row.Line, row.Skipped)
			continue
		}
		c := &row.Contact
		c.ID = contactID(p.id, p.created, n+i)
		match := known.find(c, c.ID)
		if match == nil && p.onMatch == Update {
			match = known.findByEmail(c)
		}
		switch {
		case match == nil, match.ID == c.ID, p.onMatch == Add:
			places[c.ID] = len(todo.creates)
			todo.creates = append(todo.creates, *row)
			known.add(&row.Contact)
		case holds(match, c):
			report.Unchanged++
		case p.onMatch == Update:
			if place, isNew := places[match.ID]; isNew {
				todo.creates[place].Contact = merged(todo.creates[place].Contact, c)
				report.Updated++
				continue
			}
			todo.updates = append(todo.updates, updatedRow{id: match.ID, line: row.Line, row: c})
		default:
			report.Unchanged++
			report.note(record.Note{Line: row.Line, Field: "uid", Note: "a contact with this uid is there already, with other values; it stays as it is"})
		}
	}
	return todo
}

// byKind are the new rows.
func (p *plan) byKind() (organizations, others []*record.Row) {
	for i := range p.creates {
		if row := &p.creates[i]; row.Contact.Kind == grapevine.Organization {
			organizations = append(organizations, row)
		} else {
			others = append(others, row)
		}
	}
	return organizations, others
}

// contacts are those of the rows that were not skipped.
func contacts(rows []record.Row) (list []*grapevine.Contact) {
	for i := range rows {
		if rows[i].Skipped == "" {
			list = append(list, &rows[i].Contact)
		}
	}
	return list
}
