package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

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
