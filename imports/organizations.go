package imports

import (
	"cmp"
	"context"
	"io"
	"slices"

	"grapevine"
	"grapevine/transfer"
	"grapevine/transfer/record"
)

// A row names the organization of its contact by a uid, or by an id. The organization may stand behind the contact in the
// file. What is not found with the batch of a row is looked for again when all rows are done.

// reference is what a row says about the organization of its contact.
func reference(row *record.Row) string {
	if row.Skipped != "" {
		return ""
	}
	return cmp.Or(row.Organization, row.Contact.OrganizationID)
}

// resolveOrganizations gives the contacts of rows the ids of their organizations. A row whose organization is not there keeps
// its reference.
func resolveOrganizations(ctx context.Context, store Contacts, workspace string, rows []record.Row) error {
	var references []string
	for i := range rows {
		references = append(references, reference(&rows[i]))
	}
	found, err := findOrganizations(ctx, store, workspace, references)
	if err != nil {
		return err
	}
	for i := range rows {
		if name := reference(&rows[i]); name != "" {
			id := found[name]
			rows[i].Contact.OrganizationID = id
			if rows[i].Organization = name; id != "" {
				rows[i].Organization = ""
			}
		}
	}
	return nil
}

// findOrganizations returns the ids of organizations by the references to them. An id counts more than a uid, and of two
// organizations with one uid the older.
func findOrganizations(ctx context.Context, store Contacts, workspace string, references []string) (ids map[string]string, err error) {
	slices.Sort(references)
	references = slices.DeleteFunc(slices.Compact(references), func(name string) bool { return name == "" })
	ids = map[string]string{}
	if len(references) == 0 {
		return ids, nil
	}
	keys := func(references []string) grapevine.ContactKeys { return grapevine.ContactKeys{UIDs: references} }
	return ids, eachFound(ctx, store, workspace, references, keys, func(contacts []grapevine.Contact) {
		for i := range contacts {
			if c := &contacts[i]; c.Kind == grapevine.Organization {
				ids[c.UID] = cmp.Or(ids[c.UID], c.ID)
			}
		}
		for i := range contacts {
			if c := &contacts[i]; c.Kind == grapevine.Organization {
				ids[c.ID] = c.ID
			}
		}
	})
}

// link reads the file again for the contacts whose organizations were not there yet.
func (r *Runner) link(ctx context.Context, d *document) error {
	if d.Unlinked == 0 {
		return nil
	}
	open := func() (io.ReadCloser, error) { return r.cfg.Storage.open(ctx, *d.File) }
	file, err := transfer.Open(open, d.Options.forFile(d.Workspace))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	report := d.Report.clone()
	for n := 0; ; {
		rows, err := nextRows(ctx, file)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			d.Report, d.Unlinked = report, 0
			return nil
		}
		if err := r.linkRows(ctx, d, rows, n, &report); err != nil {
			return err
		}
		n += len(rows)
	}
}

// linkRows gives the contacts of rows, the first of which is the n-th of the file, their organizations.
func (r *Runner) linkRows(ctx context.Context, d *document, rows []record.Row, n int, report *Report) error {
	if !slices.ContainsFunc(rows, func(row record.Row) bool { return reference(&row) != "" }) {
		return nil
	}
	if err := resolveOrganizations(ctx, r.cfg.Contacts, d.Workspace, rows); err != nil {
		return err
	}
	for i := range rows {
		row := &rows[i]
		if row.Organization != "" {
			report.note(record.Note{Line: row.Line, Field: "organizationId", Note: "is no organization of this workspace, and was left out"})
			continue
		}
		if reference(row) == "" {
			continue
		}
		// A contact that was there before is not of this import, and stays as it is.
		_, at, err := r.cfg.Contacts.UpdateImported(ctx, d.ID.Hex(), d.Workspace, contactID(d.ID, d.CreatedAt, n+i), func(c grapevine.Contact) (grapevine.Contact, error) {
			c.OrganizationID = cmp.Or(c.OrganizationID, row.Contact.OrganizationID)
			return c, nil
		})
		switch code := grapevine.ErrorCode(err); {
		case err == nil && !at.IsZero():
			d.Position = at.String()
		case err == nil, code == grapevine.NotFound:
		case code == grapevine.Invalid:
			report.note(record.Note{Line: row.Line, Field: "organizationId", Note: messageOf(err)})
		default:
			return err
		}
	}
	return nil
}

// linkNew looks for the organizations of new contacts again, after those of their batch were added.
func (r *Runner) linkNew(ctx context.Context, workspace string, rows []*record.Row) (unlinked int, err error) {
	var references []string
	for _, row := range rows {
		references = append(references, row.Organization)
	}
	found, err := findOrganizations(ctx, r.cfg.Contacts, workspace, references)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		if row.Organization == "" {
			continue
		}
		if row.Contact.OrganizationID = found[row.Organization]; row.Contact.OrganizationID == "" {
			unlinked++
		}
	}
	return unlinked, nil
}
