package store

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"grapevine"
)

// gatherAtMost is how many contacts are read to sort or rank them. Where a filter leaves more, it lets through so many that a walk
// along the order meets a page of them soon.
const gatherAtMost = 4000

// listPlan says which index a list follows, and what it checks on each contact.
type listPlan struct {
	workspace string
	order     order
	index     string
	facet     string  // that the index selects; empty: none
	rest      filters // that the index does not select
	gather    *selection
}

// planList chooses the index. It counts only where there is a choice.
func (s *Store) planList(ctx context.Context, q grapevine.Query) (listPlan, error) {
	f := filtersOf(q)
	o, rest, err := orderOf(q, f)
	p := listPlan{workspace: q.Workspace, order: o, index: o.index, rest: rest}
	if err != nil || rest.none() {
		return p, err
	}
	if o.facetIndex != "" && len(rest.facets) > 0 {
		p.follow(rest.facets[0])
		if p.rest.none() {
			return p, nil
		}
	}
	if q.Company != "" && o.field == formCompany && len(slices.Compact(f.facets)) == 1 && f.created.isAlways() && f.updated.isAlways() {
		return p, nil // the segment holds hardly any other
	}
	selections := filterSelections(f)
	numbers := s.countAll(ctx, q.Workspace, selections)
	for i := range selections {
		if o.facetIndex != "" && i < len(f.facets) && numbers[i] < numbers[slices.Index(f.facets, p.facet)] {
			p.rest = rest
			p.follow(f.facets[i])
		}
	}
	if rarest := slices.Index(numbers, slices.Min(numbers)); numbers[rarest] <= s.gatherAtMost {
		p.gather = &selections[rarest]
	}
	return p, nil
}

// follow makes the plan one along the contacts with a facet.
func (p *listPlan) follow(facet string) {
	p.index, p.facet, p.rest = p.order.facetIndex, facet, p.rest.without(facet)
}

// filterSelections are what the single filters select: first the facets, then the times.
func filterSelections(f filters) (all []selection) {
	for _, facet := range f.facets {
		all = append(all, selection{name: facet, parts: []indexRange{{index: byFacetName, where: bson.D{{Key: formFacets, Value: facet}}}}})
	}
	for _, part := range f.times() {
		all = append(all, selection{name: part.where.String(), parts: []indexRange{part}})
	}
	return all
}

// countAll counts several selections at once.
func (s *Store) countAll(ctx context.Context, workspace string, selections []selection) []int {
	numbers := make([]int, len(selections))
	var group errgroup.Group
	group.SetLimit(maxTagCounts)
	for i := range selections {
		group.Go(func() error {
			numbers[i] = s.count(ctx, workspace, selections[i])
			return nil
		})
	}
	_ = group.Wait() // no function fails
	return numbers
}

// match is the condition of a find along the plan's index.
func (p listPlan) match(part bson.D, checked bool) bson.D {
	d := bson.D{{Key: "workspace", Value: p.workspace}}
	if p.facet != "" {
		d = append(d, bson.E{Key: formFacets, Value: p.facet})
	}
	d = append(d, part...)
	if checked {
		d = append(d, p.rest.checks()...)
	}
	return d
}
