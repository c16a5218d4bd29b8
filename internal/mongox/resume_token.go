package mongox

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// A resume token is {_data: <hex>}. The bytes start with 0x82, which marks a timestamp, and the cluster time of the event
// that the token stands after.
const tokenTimestamp = 0x82

// ResumeTokenTime is the cluster time inside a resume token's _data: t in seconds since 1970, i counting the operations
// within that second.
func ResumeTokenTime(data string) (t, i uint32, err error) {
	if len(data) < 18 {
		return 0, 0, fmt.Errorf("resume token %.40q is too short", data)
	}
	head, err := hex.DecodeString(data[:18])
	if err != nil || head[0] != tokenTimestamp {
		return 0, 0, fmt.Errorf("resume token %.40q does not start with a cluster time", data)
	}
	return binary.BigEndian.Uint32(head[1:]), binary.BigEndian.Uint32(head[5:]), nil
}
