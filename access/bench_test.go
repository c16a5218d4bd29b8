package access

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// A request of somebody who is held in memory costs one hash and one look at a map.
func BenchmarkBySession(b *testing.B) {
	s := newSite(b)
	a := s.instance(b)
	secret := s.Session(s.User("sales:editor"))
	settled(b, a, secret)
	ctx := b.Context()
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := a.BySession(ctx, secret); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkByToken(b *testing.B) {
	s := newSite(b)
	a := s.instance(b)
	text := s.Token(s.User("sales:editor"), "sales", "editor")
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.ByToken(ctx, text, home); err != nil {
			b.Fatal(err)
		}
	}
}

// An event costs those whom it concerns, also with 10,000 sockets.
func BenchmarkEventWithManyFollows(b *testing.B) {
	s := newSite(b)
	a := s.instance(b)
	for i := range 200 {
		p := &grapevine.Principal{
			Kind: grapevine.ByUser, ID: fmt.Sprintf("%024x", i), User: fmt.Sprintf("%024x", i), Session: fmt.Sprintf("%064x", i),
			Roles: map[string]grapevine.Role{"sales": grapevine.Viewer},
		}
		for range 50 {
			f := &follow{workspace: "sales", ended: func(End) {}}
			a.follows.add(p, f, nil, a.proof.now())
		}
	}
	require.Equal(b, 10_000, a.follows.size())
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		a.follows.readUser("nobody")
		a.follows.used("nothing", use{})
	}
}
