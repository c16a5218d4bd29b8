package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"grapevine"
)

// maxGroups bounds what a statistic answers with.
const maxGroups = 1000

// Stats counts a workspace's contacts by company or tag, most first, ties by value, or by month, by
// date, as they are at or after a position. Not more than 1,000 groups: the largest, or the latest
// months. A contact without the field is in no group; one without createdAt counts for the month of
// its id.
func (s *Store) Stats(ctx context.Context, workspace string, stat grapevine.Stat, after grapevine.Position) (counts []grapevine.Count, err error) {
	pipeline, index, err := statistic(workspace, stat)
	if err != nil {
		return nil, err
	}
	err = s.call(ctx, "count contacts", func(ctx context.Context) error {
		at, err := s.causal(ctx, after)
		if err != nil {
			return err
		}
		if stat == grapevine.PerTag {
			var few bool
			if counts, few, err = s.perTag(ctx, at, workspace); few || err != nil {
				return err
			}
		}
		docs, err := s.aggregate(ctx, at, pipeline, bson.E{Key: "hint", Value: index})
		if err != nil {
			return err
		}
		counts = make([]grapevine.Count, 0, len(docs))
		for _, doc := range docs {
			count := grapevine.Count{}
			group := doc.Lookup("_id")
			if ms, ok := group.DateTimeOK(); ok {
				count.Value = time.UnixMilli(ms).UTC().Format("2006-01")
			} else if count.Value, ok = group.StringValueOK(); !ok {
				continue
			}
			count.Count, _ = doc.Lookup("n").AsInt64OK()
			counts = append(counts, count)
		}
		return nil
	})
	if stat == grapevine.PerMonth {
		slices.Reverse(counts)
	}
	return counts, err
}

// tagsAtOnce is how many tags are counted side by side.
const tagsAtOnce = 4

// perTag goes from tag to tag along their index and counts the entries of each there, so that no contact
// is read; false if there are too many different ones. See docs/decisions/0014-tags-are-counted-along-their-index.md.
func (s *Store) perTag(ctx context.Context, at *bson.Timestamp, workspace string) (counts []grapevine.Count, few bool, err error) {
	var tags []string
	for tag := ""; ; tags = append(tags, tag) {
		docs, err := s.find(ctx, at, bson.D{}, nextTag(workspace, tag)...)
		if err != nil {
			return nil, false, err
		}
		if len(docs) == 0 {
			break
		}
		if len(tags) == s.tagsAtMost {
			return nil, false, nil
		}
		var ok bool
		if tag, ok = docs[0].Lookup("tags").StringValueOK(); !ok { // a symbol, which stands among texts
			return nil, false, nil
		}
	}
	counts = make([]grapevine.Count, len(tags))
	side, sideCtx := errgroup.WithContext(ctx)
	side.SetLimit(tagsAtOnce)
	for i, tag := range tags {
		side.Go(func() error {
			pipeline, index := tagged(workspace, tag)
			docs, err := s.aggregate(sideCtx, at, pipeline, bson.E{Key: "hint", Value: index})
			if err != nil {
				return err
			}
			counts[i].Value = tag
			if len(docs) > 0 { // else it went meanwhile
				counts[i].Count, _ = docs[0].Lookup("n").AsInt64OK()
			}
			return nil
		})
	}
	if err := side.Wait(); err != nil {
		return nil, false, err
	}
	unlisted, err := s.find(ctx, at, notListed(workspace), bson.E{Key: "hint", Value: tagsNotListed}, bson.E{Key: "projection", Value: bson.D{{Key: "tags", Value: 1}}})
	if err != nil {
		return nil, false, err
	}
	for _, doc := range unlisted {
		if tag, ok := doc.Lookup("tags").StringValueOK(); ok {
			if i, found := slices.BinarySearch(tags, tag); found {
				counts[i].Count--
			}
		}
	}
	counts = slices.DeleteFunc(counts, func(c grapevine.Count) bool { return c.Count <= 0 })
	slices.SortStableFunc(counts, func(a, b grapevine.Count) int { return cmp.Compare(b.Count, a.Count) })
	return counts, true, nil
}

// nextTag are the options of a find for the index entry of the first text after a tag.
func nextTag(workspace, tag string) []bson.E {
	return []bson.E{
		{Key: "hint", Value: withTag},
		{Key: "min", Value: bson.D{{Key: "workspace", Value: workspace}, {Key: "tags", Value: tag}, {Key: "_id", Value: bson.MaxKey{}}}},
		{Key: "max", Value: bson.D{{Key: "workspace", Value: workspace}, {Key: "tags", Value: bson.D{}}, {Key: "_id", Value: bson.MinKey{}}}},
		{Key: "returnKey", Value: true},
		{Key: "limit", Value: 1},
	}
}

// tagged is the pipeline that counts the contacts with a tag, and the index it runs along.
func tagged(workspace, tag string) (pipeline bson.A, index string) {
	return bson.A{
		bson.D{{Key: "$match", Value: bson.D{{Key: "workspace", Value: workspace}, {Key: "tags", Value: tag}}}},
		bson.D{{Key: "$count", Value: "n"}},
	}, withTag
}

// notListed selects the contacts with a text where the list of tags belongs: it stands in their index as
// a tag would, and is none.
func notListed(workspace string) bson.D {
	return append(bson.D{{Key: "workspace", Value: workspace}}, textForTags()...)
}

// statistic is the pipeline that counts, and the index it runs along.
func statistic(workspace string, stat grapevine.Stat) (pipeline bson.A, index string, err error) {
	match := func(field string, value any) bson.D {
		return bson.D{{Key: "$match", Value: bson.D{{Key: "workspace", Value: workspace}, {Key: field, Value: value}}}}
	}
	switch stat {
	case grapevine.PerCompany:
		index = inCompany
		// Greater than the empty text: texts only, and the index alone answers.
		pipeline = append(bson.A{match("company", bson.D{{Key: "$gt", Value: ""}})}, groups("$company", 1, "n", -1)...)
	case grapevine.PerTag:
		// Along an index whose ids come in the order they were stored in: fetching along the tags' own
		// jumps about and costs twice. Equal lists first, so that little is left to take apart.
		index = ofKind
		unique := bson.D{{Key: "$setUnion", Value: bson.A{"$_id", bson.A{}}}} // a tag twice is one contact
		pipeline = append(bson.A{
			bson.D{{Key: "$match", Value: bson.D{{Key: "workspace", Value: workspace}}}},
			bson.D{{Key: "$group", Value: bson.D{{Key: "_id", Value: "$tags"}, {Key: "n", Value: bson.D{{Key: "$sum", Value: 1}}}}}},
			bson.D{{Key: "$match", Value: bson.D{{Key: "_id", Value: bson.D{{Key: "$type", Value: "array"}}}}}},
			bson.D{{Key: "$project", Value: bson.D{{Key: "_id", Value: 0}, {Key: "n", Value: 1}, {Key: "tag", Value: unique}}}},
			bson.D{{Key: "$unwind", Value: "$tag"}},
			bson.D{{Key: "$match", Value: bson.D{{Key: "tag", Value: bson.D{{Key: "$gt", Value: ""}}}}}},
		}, groups("$tag", "$n", "n", -1)...)
	case grapevine.PerMonth:
		index = byCreated
		pipeline = append(bson.A{bson.D{{Key: "$match", Value: bson.D{{Key: "workspace", Value: workspace}}}}}, groups(month(), 1, "_id", -1)...)
	default:
		return nil, "", &grapevine.Error{Code: grapevine.BadRequest, Message: fmt.Sprintf("%.40q is not a statistic", string(stat))}
	}
	return pipeline, index, nil
}

// groups adds up by a value, sorted by a field in a direction, ties by value.
func groups(by, add any, sort string, direction int) bson.A {
	order := bson.D{{Key: sort, Value: direction}}
	if sort != "_id" {
		order = append(order, bson.E{Key: "_id", Value: 1})
	}
	return bson.A{
		bson.D{{Key: "$group", Value: bson.D{{Key: "_id", Value: by}, {Key: "n", Value: bson.D{{Key: "$sum", Value: add}}}}}},
		bson.D{{Key: "$sort", Value: order}},
		bson.D{{Key: "$limit", Value: maxGroups}},
	}
}

// month is the first instant of the month in which a contact was created. What is not a time that
// Decode takes is the _id's: the two comparisons hold for dates only, in MongoDB's order of types.
func month() bson.D {
	created := bson.D{{Key: "$cond", Value: bson.A{
		bson.D{{Key: "$and", Value: bson.A{
			bson.D{{Key: "$gte", Value: bson.A{"$createdAt", bson.DateTime(minTime)}}},
			bson.D{{Key: "$lte", Value: bson.A{"$createdAt", bson.DateTime(maxTime)}}},
		}}},
		"$createdAt", convertIDToDate(),
	}}}
	return bson.D{{Key: "$dateTrunc", Value: bson.D{{Key: "date", Value: created}, {Key: "unit", Value: "month"}}}}
}
