package watcher

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// A resume token is {_data: <hex>}. The bytes start with 0x82, which marks a timestamp, and the cluster
// time of the event that the token stands after.
const tokenTimestamp = 0x82

// token is the resume token with this _data.
func token(data string) bson.Raw {
	raw, _ := bson.Marshal(bson.D{{Key: "_data", Value: data}}) // a string always marshals
	return raw
}

// tokenTime is the cluster time inside a token's _data, as a position with N 0.
func tokenTime(data string) (grapevine.Position, error) {
	if len(data) < 18 {
		return grapevine.Position{}, fmt.Errorf("resume token %.40q is too short", data)
	}
	head, err := hex.DecodeString(data[:18])
	if err != nil || head[0] != tokenTimestamp {
		return grapevine.Position{}, fmt.Errorf("resume token %.40q does not start with a cluster time", data)
	}
	return grapevine.NewPosition(binary.BigEndian.Uint32(head[1:]), binary.BigEndian.Uint32(head[5:]), 0), nil
}
