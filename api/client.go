package api

import (
	"net/netip"
	"strings"
)

// clientAddr is for whom a request is made: the peer, or, where the peer is a trusted proxy, the last
// address in X-Forwarded-For that is not one. What stands further left was written by the client and
// would let it be a new client with every request.
func clientAddr(peer netip.Addr, forwarded string, trusted []netip.Prefix) netip.Addr {
	isTrusted := func(a netip.Addr) bool {
		for _, p := range trusted {
			if p.Contains(a) {
				return true
			}
		}
		return false
	}
	addr := peer.Unmap()
	hops := strings.Split(forwarded, ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap().WithZone("")
	}
	return addr
}
