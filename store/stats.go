package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"
	"golang.org/x/text/unicode/norm"

	"grapevine"
	"grapevine/derived"
)

// maxGroups is the largest number of groups in a statistic.
const maxGroups = 1000

// groupsToMerge is how many groups are read, because some become one when their values are brought into one form.
const groupsToMerge = 2 * maxGroups

// maxGroupValue limits the value of a group in bytes. The API stores none that is longer.
const maxGroupValue = 4 * grapevine.MaxName

// maxTagCounts is how many tags are counted at the same time.
const maxTagCounts = 4

// Stats counts a workspace's contacts by company or by tag, largest group first and ties by value, or by
// month, in order of time. The counts are those at or after a position. There are at most 1,000 groups: the
// largest, or the latest months. A contact without the field is in no group. A contact without createdAt
// counts for the month of its id.
func (s *Store) Stats(ctx context.Context, workspace string, stat grapevine.Stat, after grapevine.Position) (counts []grapevine.StatCount, err error) {
	pipeline, index, err := statsPipeline(workspace, stat)
	if err != nil {
		return nil, err
	}
	err = s.withTimeout(ctx, s.timeout, "count contacts", func(ctx context.Context) error {
		at, err := s.causal(ctx, after)
		if err != nil {
			return err
		}
		if stat == grapevine.PerTag {
			tags, ok, err := s.distinctTags(ctx, at, workspace)
			if err != nil {
				return err
			}
			if ok {
				counts, err = s.countTags(ctx, at, workspace, tags)
				return err
			}
		}
		docs, err := s.aggregate(ctx, at, pipeline, bson.E{Key: "hint", Value: index})
		counts = countsOf(docs)
		if stat != grapevine.PerMonth {
			counts = largest(counts)
		}
		return err
	})
	if stat == grapevine.PerMonth {
		counts = counts[:min(len(counts), maxGroups)]
		slices.Reverse(counts)
	}
	return counts, err
}

// countsOf reads the groups of a pipeline. It skips a group that is neither text nor a time.
func countsOf(docs []bson.Raw) []grapevine.StatCount {
	counts := make([]grapevine.StatCount, 0, len(docs))
	for _, doc := range docs {
		count := grapevine.StatCount{}
		group := doc.Lookup("_id")
		if ms, ok := group.DateTimeOK(); ok {
			count.Value = time.UnixMilli(ms).UTC().Format("2006-01")
		} else if count.Value, ok = group.StringValueOK(); !ok {
			continue
		}
		count.Count, _ = doc.Lookup("n").AsInt64OK()
		counts = append(counts, count)
	}
	return counts
}

// largest adds up the groups whose values differ in their Unicode form only, and returns the largest groups.
func largest(counts []grapevine.StatCount) []grapevine.StatCount {
	sums := map[string]int64{}
	for _, c := range counts {
		sums[norm.NFC.String(grapevine.CutText(c.Value, maxGroupValue))] += c.Count
	}
	merged := make([]grapevine.StatCount, 0, len(sums))
	for value, n := range sums {
		if n > 0 {
			merged = append(merged, grapevine.StatCount{Value: value, Count: n})
		}
	}
	slices.SortFunc(merged, func(a, b grapevine.StatCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return merged[:min(len(merged), maxGroups)]
}

// distinctTags reads the tags of a workspace from the index of facets, one key for each tag, and no contact. ok is false
// if there are more than maxIndexedTags, or if the index is missing.
// See docs/decisions/0014-tags-are-counted-along-their-index.md.
func (s *Store) distinctTags(ctx context.Context, at *bson.Timestamp, workspace string) (tags []string, ok bool, err error) {
	for tag := ""; ; tags = append(tags, tag) {
		docs, err := s.find(ctx, at, bson.D{}, nextTag(workspace, tag)...)
		if errors.Is(err, errNoIndex) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		if len(docs) == 0 {
			return tags, true, nil
		}
		if len(tags) == s.maxIndexedTags {
			return nil, false, nil
		}
		facet, _ := docs[0].Lookup(formFacets).StringValueOK()
		tag = strings.TrimPrefix(facet, tagFacets)
	}
}

// The facets of tags are the texts from tagFacets to before endOfTagFacets.
const (
	tagFacets      = "t:"
	endOfTagFacets = "t;"
)

// nextTag are the options of a find for the index entry of the first tag after another one.
func nextTag(workspace, tag string) []bson.E {
	key := func(facet string, rest any) bson.D {
		return bson.D{{Key: "workspace", Value: workspace}, {Key: formFacets, Value: facet}, {Key: formName, Value: rest}, {Key: "_id", Value: rest}}
	}
	return []bson.E{
		{Key: "hint", Value: byFacetName},
		{Key: "min", Value: key(derived.TagFacet(tag), bson.MaxKey{})},
		{Key: "max", Value: key(endOfTagFacets, bson.MinKey{})},
		{Key: "returnKey", Value: true},
		{Key: "limit", Value: 1},
	}
}

// countTags counts the index entries of each tag.
func (s *Store) countTags(ctx context.Context, at *bson.Timestamp, workspace string, tags []string) ([]grapevine.StatCount, error) {
	counts := make([]grapevine.StatCount, len(tags))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(maxTagCounts)
	for i, tag := range tags {
		group.Go(func() error {
			counts[i].Value = tag
			pipeline, index := tagPipeline(workspace, tag)
			docs, err := s.aggregate(groupCtx, at, pipeline, bson.E{Key: "hint", Value: index})
			if err != nil {
				return err
			}
			if len(docs) > 0 { // otherwise the tag has disappeared since it was read
				counts[i].Count, _ = docs[0].Lookup("n").AsInt64OK()
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return largest(counts), nil
}

// tagPipeline counts the contacts with a tag. It also returns the index that it uses.
func tagPipeline(workspace, tag string) (pipeline bson.A, index string) {
	return bson.A{
		bson.D{{Key: "$match", Value: bson.D{{Key: "workspace", Value: workspace}, {Key: formFacets, Value: derived.TagFacet(tag)}}}},
		bson.D{{Key: "$count", Value: "n"}},
	}, byFacetName
}

// statsPipeline returns the pipeline of a statistic and the index that it uses.
func statsPipeline(workspace string, stat grapevine.Stat) (pipeline bson.A, index string, err error) {
	match := func(field string, value any) bson.D {
		return bson.D{{Key: "$match", Value: bson.D{{Key: "workspace", Value: workspace}, {Key: field, Value: value}}}}
	}
	switch stat {
	case grapevine.PerCompany:
		index = inCompany
		// Only a text is greater than the empty text, so the index alone answers.
		pipeline = append(bson.A{match("company", bson.D{{Key: "$gt", Value: ""}})}, groupStages("$company", 1, "n", -1)...)
	case grapevine.PerTag:
		// Scan an index in insertion order: reading contacts in tag order is random I/O and twice as slow. Group
		// equal tag lists first, so that $unwind sees few documents.
		index = byFormCreated
		list := bson.D{{Key: "$cond", Value: bson.A{bson.D{{Key: "$isArray", Value: "$_id"}}, "$_id", bson.A{"$_id"}}}}
		unique := bson.D{{Key: "$setUnion", Value: bson.A{list, bson.A{}}}} // a contact with the same tag twice counts once
		pipeline = append(bson.A{
			bson.D{{Key: "$match", Value: bson.D{{Key: "workspace", Value: workspace}}}},
			bson.D{{Key: "$group", Value: bson.D{{Key: "_id", Value: "$tags"}, {Key: "n", Value: bson.D{{Key: "$sum", Value: 1}}}}}},
			bson.D{{Key: "$project", Value: bson.D{{Key: "_id", Value: 0}, {Key: "n", Value: 1}, {Key: "tag", Value: unique}}}},
			bson.D{{Key: "$unwind", Value: "$tag"}},
			bson.D{{Key: "$match", Value: bson.D{{Key: "tag", Value: bson.D{{Key: "$gt", Value: ""}}}}}},
		}, groupStages("$tag", "$n", "n", -1)...)
	case grapevine.PerMonth:
		index = byFormCreated
		pipeline = append(bson.A{bson.D{{Key: "$match", Value: bson.D{{Key: "workspace", Value: workspace}}}}}, groupStages(creationMonth(), 1, "_id", -1)...)
	default:
		return nil, "", &grapevine.Error{Code: grapevine.BadRequest, Message: fmt.Sprintf("%.40q is not a statistic", string(stat))}
	}
	return pipeline, index, nil
}

// groupStages returns the stages that sum by a value and sort the groups by a field, and ties by value.
func groupStages(by, add any, sort string, direction int) bson.A {
	order := bson.D{{Key: sort, Value: direction}}
	if sort != "_id" {
		order = append(order, bson.E{Key: "_id", Value: 1})
	}
	return bson.A{
		bson.D{{Key: "$group", Value: bson.D{{Key: "_id", Value: by}, {Key: "n", Value: bson.D{{Key: "$sum", Value: add}}}}}},
		bson.D{{Key: "$sort", Value: order}},
		bson.D{{Key: "$limit", Value: groupsToMerge}},
	}
}

// creationMonth is the first instant of the month in which a contact was created, as its derived part says. The time of the _id counts
// for a contact without one.
func creationMonth() bson.D {
	asDate := func(value string) bson.D {
		return bson.D{{Key: "$convert", Value: bson.D{
			{Key: "input", Value: value}, {Key: "to", Value: "date"}, {Key: "onError", Value: nil}, {Key: "onNull", Value: nil},
		}}}
	}
	created := bson.D{{Key: "$ifNull", Value: bson.A{asDate("$" + formCreated), asDate("$_id")}}}
	return bson.D{{Key: "$dateTrunc", Value: bson.D{{Key: "date", Value: created}, {Key: "unit", Value: "month"}}}}
}
