package edge

import (
	"net/netip"
	"slices"
	"strings"
)

// ClientAddr is the address of the client: the peer, or, if the peer is a trusted proxy, the last
// address in X-Forwarded-For that is not a trusted proxy. The client itself wrote the addresses further left. If they
// were trusted, it could look like a new client in every request.
func ClientAddr(peer netip.Addr, forwarded string, trusted []netip.Prefix) netip.Addr {
	isTrusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
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

// Network is the unit in which clients are counted: an IPv4 address, or the /64 of an IPv6 address.
// One customer has a whole /64, so counting single IPv6 addresses would limit nobody. Loopback
// addresses stay as they are.
func Network(addr netip.Addr) netip.Addr {
	if !addr.Is6() || addr.Is4In6() || addr.IsLoopback() {
		return addr
	}
	prefix, _ := addr.WithZone("").Prefix(64) // every IPv6 address has a /64
	return prefix.Addr()
}

// NetworkOf is [Network] for an address as text. Other text is returned unchanged.
func NetworkOf(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	return Network(addr).String()
}
