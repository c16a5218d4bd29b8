package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"grapevine"
	"grapevine/internal/retry"
	"grapevine/transfer"
	"grapevine/transfer/record"
)

const (
	batchRows    = 500                    // rows that are looked for and written together
	saveInterval = 500 * time.Millisecond // a run that is killed repeats what it did in that time
	maxAttempts  = 5                      // runs that end in an error, or are killed, before a row is done
	maxAtOnce    = 2                      // imports of one process
	busyWait     = 2 * time.Second        // until an import asks for its turn again
	endTimeout   = 5 * time.Second        // for what a run records after its context has ended
)

// failedMessage tells people about an error that only the log may show.
const failedMessage = "The import could not go on. The log of the instance that worked on it has the reason. What it has imported stays: when the reason is gone, send the file again for the rest."

// killedMessage is for an import whose runs all ended without a word, as when each takes more memory than its process may have.
var killedMessage = fmt.Sprintf("The instance that worked on the import ended %d times before it had done one more row, as if it was killed or had no memory left. What was imported stays. Send the file in smaller parts, or give the worker more memory, and send it again for the rest.", maxAttempts)

// Contacts finds and writes contacts.
type Contacts interface {
	FindByKeys(ctx context.Context, workspace string, keys grapevine.ContactKeys) (contacts []grapevine.Contact, complete bool, err error)
	AddImported(ctx context.Context, contacts grapevine.ImportedContacts) (refused map[int]string, at grapevine.Position, err error)
	UpdateImported(ctx context.Context, group, workspace, id string, edit func(grapevine.Contact) (grapevine.Contact, error)) (grapevine.Contact, grapevine.Position, error)
}

// Unformed counts the contacts, about, that are not found by their names yet.
type Unformed func(ctx context.Context) (int64, error)

// RunnerConfig configures a [Runner]. Storage, Contacts, Unformed and SkipWelcome are required.
type RunnerConfig struct {
	Storage  *Storage
	Contacts Contacts
	Unformed Unformed
	// SkipWelcome records that nobody welcomes contacts that will be created.
	SkipWelcome func(ctx context.Context, ids []string, reason string) error
	Crash       func(point string) // of the fault suite; nil otherwise
	Logger      *slog.Logger       // required
}

// Runner runs imports. Safe for concurrent use.
type Runner struct {
	cfg   RunnerConfig
	slots chan struct{}
}

// NewRunner makes a runner for one process.
func NewRunner(cfg RunnerConfig) *Runner {
	if cfg.Crash == nil {
		cfg.Crash = func(string) {}
	}
	return &Runner{cfg: cfg, slots: make(chan struct{}, maxAtOnce)}
}

// Run works on an import until it has ended. wait is the time after which the caller has to call again, because others are
// at work or ctx has ended; zero with a nil error means that there is no more to do.
func (r *Runner) Run(ctx context.Context, id string) (wait time.Duration, err error) {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	default:
		return busyWait, nil
	}
	oid, err := importID(id)
	if err != nil {
		return 0, nil // no import has this id
	}
	d, wait, err := r.cfg.Storage.claim(ctx, oid)
	if err != nil || d == nil {
		return wait, err
	}
	working, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go r.keepClaim(working, d, cancel)
	if d.Attempts > maxAttempts { // each run before this one ended without an error
		err = &grapevine.Error{Code: grapevine.Invalid, Message: killedMessage}
	} else {
		err = r.work(working, d)
	}
	if errors.Is(context.Cause(working), errClaimLost) || errors.Is(err, errClaimLost) {
		return 0, nil
	}
	return r.end(ctx, d, err)
}

// keepClaim renews the claim, and ends the run if another took it.
func (r *Runner) keepClaim(ctx context.Context, d *document, cancel context.CancelCauseFunc) {
	held := document{ID: d.ID, Holder: d.Holder}
	for retry.Sleep(ctx, claimRenew) == nil {
		if err := r.cfg.Storage.renew(ctx, &held); errors.Is(err, errClaimLost) {
			cancel(err)
			return
		}
	}
}

// end records how a run ended.
func (r *Runner) end(ctx context.Context, d *document, cause error) (wait time.Duration, err error) {
	storage, stopping := r.cfg.Storage, ctx.Err() != nil
	cause = publicError(ctx, "run an import", cause)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	known, isKnown := errors.AsType[*grapevine.Error](cause)
	switch {
	case cause == nil:
		d.State = Done
	case isKnown && (known.Code == grapevine.Invalid || known.Code == grapevine.BadRequest):
		d.State, d.Message = Failed, known.Message
	case stopping, isKnown && known.Code == grapevine.Unavailable:
		d.Attempts-- // it was not the import that failed
		fallthrough
	case d.Attempts < maxAttempts:
		_ = storage.release(ctx, d) // else the claim expires
		if stopping {
			return busyWait, nil
		}
		return 0, cause
	default:
		r.cfg.Logger.Error("an import failed", "import", d.ID.Hex(), "err", cause)
		d.State, d.Message = Failed, failedMessage
	}
	if err := storage.save(ctx, d); err != nil {
		return 0, err
	}
	return 0, storage.forget(ctx, d.ID, *d.File)
}

// work imports the rows that are not done.
func (r *Runner) work(ctx context.Context, d *document) error {
	if d.File == nil {
		return &grapevine.Error{Code: grapevine.Invalid, Message: "The file of the import is gone. Send it again."}
	}
	var stored *storedFile
	open := func() (_ io.ReadCloser, err error) {
		stored, err = r.cfg.Storage.open(ctx, *d.File)
		return stored, err
	}
	file, err := transfer.Open(open, d.Options.forFile(d.Workspace))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	d.Format, d.Encoding = file.Format, file.Encoding
	for range d.Rows {
		if _, err := file.Next(); err != nil {
			return fmt.Errorf("read the rows again that an earlier run has imported: %w", err)
		}
	}
	saved, formed := time.Now(), false
	for {
		rows, err := nextRows(ctx, file)
		if err != nil {
			return err
		}
		if len(rows) == 0 && d.Rows == 0 {
			return errNoContacts
		}
		if len(rows) == 0 {
			return r.link(ctx, d)
		}
		if !formed && needsNames(d.Options.OnMatch, rows) {
			if err := r.waitForForms(ctx, d); err != nil {
				return err
			}
			formed = true
		}
		if err := r.write(ctx, d, rows); err != nil {
			return err
		}
		d.Rows += len(rows)
		d.Offset, d.Attempts = stored.n, 0
		r.cfg.Crash("import-after-batch")
		if time.Since(saved) >= saveInterval {
			if err := r.cfg.Storage.save(ctx, d); err != nil {
				return err
			}
			saved = time.Now()
		}
	}
}

// nextRows reads the next rows of a file. There is none at its end.
func nextRows(ctx context.Context, file *transfer.File) (rows []record.Row, err error) {
	for len(rows) < batchRows {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		row, err := file.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the file: %w", err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// write imports the rows of a batch.
func (r *Runner) write(ctx context.Context, d *document, rows []record.Row) error {
	if err := resolveOrganizations(ctx, r.cfg.Contacts, d.Workspace, rows); err != nil {
		return err
	}
	known, err := findMatches(ctx, r.cfg.Contacts, d.Workspace, d.Options.OnMatch, contacts(rows))
	if err != nil {
		return err
	}
	report := d.Report.clone() // a batch that fails is repeated
	p := planner{id: d.ID, created: d.CreatedAt, onMatch: d.Options.OnMatch}
	todo := p.plan(rows, d.Rows, known, &report)
	at, unlinked, err := r.create(ctx, d, todo, &report)
	if err != nil {
		return err
	}
	for _, u := range todo.updates {
		_, updated, err := r.cfg.Contacts.UpdateImported(ctx, d.ID.Hex(), d.Workspace, u.id, func(c grapevine.Contact) (grapevine.Contact, error) {
			return merged(c, u.row), nil
		})
		switch code := grapevine.ErrorCode(err); {
		case err == nil:
			report.Updated++
			at = updated
		case code == grapevine.Invalid || code == grapevine.NotFound:
			report.skip(u.line, "the contact that it matches cannot take its values: "+messageOf(err))
		default:
			return err
		}
	}
	d.Report = report
	d.Unlinked += unlinked
	if !at.IsZero() {
		d.Position = at.String()
	}
	return nil
}

// create adds the new contacts, organizations first, because others may refer to them. unlinked is how many refer to an
// organization that is not there yet.
func (r *Runner) create(ctx context.Context, d *document, todo *plan, report *Report) (at grapevine.Position, unlinked int, err error) {
	organizations, others := todo.byKind()
	for _, rows := range [][]*record.Row{organizations, others} {
		if len(rows) == 0 {
			continue
		}
		n, err := r.linkNew(ctx, d.Workspace, rows)
		if err != nil {
			return at, 0, err
		}
		unlinked += n
		if err := r.add(ctx, d, rows, report, &at); err != nil {
			return at, 0, err
		}
	}
	return at, unlinked, nil
}

// add stores new contacts.
func (r *Runner) add(ctx context.Context, d *document, rows []*record.Row, report *Report, at *grapevine.Position) error {
	creates := make([]grapevine.Contact, len(rows))
	ids := make([]string, len(rows))
	for i, row := range rows {
		creates[i], ids[i] = row.Contact, row.Contact.ID
	}
	if !d.Options.Welcome { // before the contacts, so that no reconcile finds one without a row
		if err := r.cfg.SkipWelcome(ctx, ids, "imported"); err != nil {
			return err
		}
	}
	refused, written, err := r.cfg.Contacts.AddImported(ctx, grapevine.ImportedContacts{Group: d.ID.Hex(), Quiet: !d.Options.Welcome, Contacts: creates})
	if err != nil {
		return err
	}
	*at = written
	for i, reason := range refused {
		report.skip(rows[i].Line, "MongoDB refused the contact: "+reason)
	}
	report.Created += len(creates) - len(refused)
	return nil
}

// findMatches finds the contacts that rows may be.
func findMatches(ctx context.Context, store Contacts, workspace string, onMatch OnMatch, rows []*grapevine.Contact) (*matcher, error) {
	known := newMatcher(nil)
	if onMatch == Add {
		return known, nil
	}
	return known, eachFound(ctx, store, workspace, rows, keysOf, func(found []grapevine.Contact) {
		for i := range found {
			known.add(&found[i])
		}
	})
}

// eachFound gives use the contacts that have one of the keys of items. If they are too many for one answer of the store, it asks
// for half of the items at a time.
func eachFound[T any](ctx context.Context, store Contacts, workspace string, items []T, keys func([]T) grapevine.ContactKeys, use func(found []grapevine.Contact)) error {
	found, complete, err := store.FindByKeys(ctx, workspace, keys(items))
	if err != nil {
		return err
	}
	if half := len(items) / 2; !complete && half > 0 {
		return errors.Join(eachFound(ctx, store, workspace, items[:half], keys, use), eachFound(ctx, store, workspace, items[half:], keys, use))
	}
	use(found)
	return nil
}
