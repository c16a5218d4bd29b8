package mongox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

const (
	codeNamespaceNotFound = 26
	codeIndexNotFound     = 27
	codeCannotCreateIndex = 67
	codeIndexOptions      = 85 // IndexOptionsConflict
	codeIndexKeys         = 86 // IndexKeySpecsConflict
	codeDuplicateKey      = 11000
)

// buildPause is how many times longer than a failed build the pause before the next try is. A failed build may
// have read a million documents.
const buildPause = 20

// Indexes are the indexes that a collection should have. An index that cannot be made or used is a [Problem],
// not an error. Safe for concurrent use.
type Indexes struct {
	collection *mongo.Collection
	wanted     []Index
	dropped    []string // names of indexes that are not needed any more

	ensuring sync.Mutex
	retryAt  map[string]time.Time // of failed builds

	mu       sync.RWMutex
	names    map[string]string // of the index that serves as the wanted one
	problems []Problem
}

// NewIndexes makes the list. [Indexes.Ensure] drops the indexes with the names in dropped.
func NewIndexes(collection *mongo.Collection, wanted []Index, dropped ...string) *Indexes {
	return &Indexes{collection: collection, wanted: wanted, dropped: dropped, retryAt: map[string]time.Time{}}
}

// Problems returns what [Indexes.Ensure] has found.
func (x *Indexes) Problems() []Problem {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.problems
}

// Problem returns the problem of one wanted index.
func (x *Indexes) Problem(name string) (Problem, bool) {
	problems := x.Problems()
	i := slices.IndexFunc(problems, func(p Problem) bool { return p.Name == name })
	if i < 0 {
		return Problem{}, false
	}
	return problems[i], true
}

// NameOf returns the name of the index that serves as the wanted one: an administrator may have made it before,
// under another name.
func (x *Indexes) NameOf(wanted string) string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if name, ok := x.names[wanted]; ok {
		return name
	}
	return wanted
}

// Ensure looks which indexes exist, and creates the missing ones in one pass over the documents. It needs the
// right to create indexes only if one is missing. It is an error if MongoDB does not answer. ctx must have no deadline:
// the driver sends it to MongoDB, which then discards the partial index, so that a large index would never be finished.
func (x *Indexes) Ensure(ctx context.Context) error {
	x.ensuring.Lock()
	defer x.ensuring.Unlock()
	found, err := x.list(ctx)
	if err != nil {
		return fmt.Errorf("list the indexes of %s: %w", x.collection.Name(), err)
	}
	names, problems := map[string]string{}, []Problem{}
	var missing []Index
	for _, want := range x.wanted {
		serving, ok := findServing(found, want)
		switch {
		case !ok && time.Now().Before(x.retryAt[want.Name]):
			if p, known := x.Problem(want.Name); known {
				problems = append(problems, p)
			}
		case !ok:
			missing = append(missing, want)
		case serving.Hidden:
			problems = append(problems, Problem{want.Name, Hidden, fmt.Sprintf("The index %s is hidden, so MongoDB does not use it. Run db.%s.unhideIndex(%q).", serving.Name, x.collection.Name(), serving.Name)})
		default:
			names[want.Name] = serving.Name
		}
	}
	if len(missing) > 0 {
		x.publish(names, append(problems, x.unfinished(missing)...))
		failed, err := x.create(ctx, missing, found)
		if err != nil {
			return fmt.Errorf("create the indexes of %s: %w", x.collection.Name(), err)
		}
		problems = append(problems, failed...)
	}
	x.publish(names, problems)
	x.dropUnneeded(ctx, found) // after what replaces them is there
	return nil
}

// unfinished are the problems of missing indexes while they are created: building, or what failed before.
func (x *Indexes) unfinished(missing []Index) (problems []Problem) {
	for _, want := range missing {
		p, known := x.Problem(want.Name)
		if !known {
			p = Problem{want.Name, Building, fmt.Sprintf("MongoDB builds the index %s. Until it is ready, requests that use it are slow or get 503.", want.Name)}
		}
		problems = append(problems, p)
	}
	return problems
}

// findServing prefers an index of the wanted name, and then one that is not hidden.
func findServing(found []foundIndex, want Index) (best foundIndex, ok bool) {
	for _, f := range found {
		if f.building || !f.serves(want) {
			continue
		}
		if !ok || f.Name == want.Name || best.Hidden && best.Name != want.Name {
			best, ok = f, true
		}
	}
	return best, ok
}

func (x *Indexes) publish(names map[string]string, problems []Problem) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.names, x.problems = names, problems
}

// list returns the indexes of the collection, which need not exist. MongoDB lists an index that it still builds
// with a build UUID.
func (x *Indexes) list(ctx context.Context) ([]foundIndex, error) {
	cursor, err := x.collection.Database().RunCommandCursor(ctx, bson.D{{Key: "listIndexes", Value: x.collection.Name()}, {Key: "includeBuildUUIDs", Value: true}})
	if HasCode(err, codeNamespaceNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var listed []bson.Raw
	if err := cursor.All(ctx, &listed); err != nil {
		return nil, err
	}
	found := make([]foundIndex, len(listed))
	for i, document := range listed {
		if spec, ok := document.Lookup("spec").DocumentOK(); ok {
			document, found[i].building = spec, true
		}
		if err := bson.Unmarshal(document, &found[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// dropUnneeded drops the indexes that no query uses any more. A drop waits for every open transaction on the
// collection, so it happens only if there is one. They do no harm: no right to drop them is no problem.
func (x *Indexes) dropUnneeded(ctx context.Context, found []foundIndex) {
	for _, f := range found {
		if slices.Contains(x.dropped, f.Name) {
			_ = x.drop(ctx, f.Name)
		}
	}
}

// drop drops an index if it exists.
func (x *Indexes) drop(ctx context.Context, name string) error {
	err := x.collection.Indexes().DropOne(ctx, name)
	if HasCode(err, codeIndexNotFound) { // another instance may have dropped it
		return nil
	}
	return err
}

// create creates all missing indexes at once. If that fails for one of them, it creates each by itself.
func (x *Indexes) create(ctx context.Context, missing []Index, found []foundIndex) (problems []Problem, err error) {
	err = x.createNow(ctx, missing...)
	if err == nil || isTemporary(err) {
		return nil, err
	}
	for _, want := range missing {
		start := time.Now()
		err := x.createOrReplace(ctx, want, found)
		if err == nil {
			delete(x.retryAt, want.Name)
			continue
		}
		if isTemporary(err) {
			return nil, err
		}
		x.retryAt[want.Name] = time.Now().Add(buildPause * time.Since(start))
		problems = append(problems, x.problem(want, found, err))
	}
	return problems, nil
}

// isTemporary reports an error that says nothing about the index.
func isTemporary(err error) bool {
	_, isAnswer := errors.AsType[mongo.ServerError](err)
	return !isAnswer || Unavailable(err) || HasCode(err, codeNamespaceNotFound)
}

// createOrReplace creates an index. An index of the same name with another definition is one of an earlier version, and
// is dropped first.
func (x *Indexes) createOrReplace(ctx context.Context, want Index, found []foundIndex) error {
	err := x.createNow(ctx, want)
	sameName := slices.ContainsFunc(found, func(f foundIndex) bool { return f.Name == want.Name && !f.building })
	if !sameName || !HasCode(err, codeIndexOptions, codeIndexKeys) {
		return err
	}
	if err := x.drop(ctx, want.Name); err != nil {
		return err
	}
	return x.createNow(ctx, want)
}

func (x *Indexes) createNow(ctx context.Context, indexes ...Index) error {
	definitions := bson.A{}
	for _, index := range indexes {
		definitions = append(definitions, index.definition())
	}
	return x.collection.Database().RunCommand(ctx, bson.D{{Key: "createIndexes", Value: x.collection.Name()}, {Key: "indexes", Value: definitions}}).Err()
}

// problem says why an index could not be created. It quotes no value of a document.
func (x *Indexes) problem(want Index, found []foundIndex, err error) Problem {
	name := x.collection.Name()
	if denial, ok := DenialOf(err); ok {
		return Problem{want.Name, Unauthorized, fmt.Sprintf("The index %s is missing. %s", want.Name, denial.Message())}
	}
	switch {
	case HasCode(err, codeDuplicateKey):
		return Problem{want.Name, Duplicates, fmt.Sprintf("The index %s cannot be made, because several documents of %s have the same value in %s. Remove it from all but one of them.", want.Name, name, want.Keys[0].Key)}
	case HasCode(err, codeCannotCreateIndex, codeIndexOptions, codeIndexKeys):
		for _, f := range found {
			if want.Text != nil && f.isText() || want.Text == nil && sameKeys(f.Key, want.Keys) && f.hasFilter(want.Partial) {
				return Problem{want.Name, Conflict, fmt.Sprintf("The index %s is in the way of the index %s. Drop it with db.%s.dropIndex(%q), and the other one is made.", f.Name, want.Name, name, f.Name)}
			}
		}
		return Problem{want.Name, Limit, fmt.Sprintf("MongoDB makes no index %s on %s: the collection has as many indexes as it may have. Drop some that nobody needs.", want.Name, name)}
	}
	command, _ := errors.AsType[mongo.CommandError](err)
	return Problem{want.Name, Failed, fmt.Sprintf("MongoDB cannot make the index %s on %s: %s (code %d).", want.Name, name, command.Name, command.Code)}
}
