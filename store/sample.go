package store

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/brianvoe/gofakeit/v7"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// sampleOrganizations is one in how many sample contacts is an organization.
const sampleOrganizations = 12

var (
	sampleTags   = []string{"customer", "lead", "partner", "newsletter", "vip", "supplier", "press", "conference", "alumni", "friend"}
	sampleOwners = []string{"sam", "alex", "kim", "robin"}
	sampleNotes  = []string{"Prefers a call in the morning.", "Met at %s.", "Wants the new price list.", "Interested in %s.", "Sends regards to the team.", "Asked about %s twice."}
)

// Sample yields n contacts of a workspace that look like people and the organizations they work for,
// the same for the same seed, whatever n. Their ids are fixed by the seed, and their createdAt lies in
// the 24 months before now. Mail addresses are of example.com, .org and .net, where no mail arrives.
func Sample(workspace string, seed uint64, n int, now time.Time) iter.Seq[grapevine.Contact] {
	return func(yield func(grapevine.Contact) bool) {
		for i := range n {
			if !yield(sample(workspace, seed, i, now)) {
				return
			}
		}
	}
}

// sample is the i-th contact: every sampleOrganizations-th is an organization, the others refer to one
// before them.
func sample(workspace string, seed uint64, i int, now time.Time) grapevine.Contact {
	r := rand.New(rand.NewPCG(seed, uint64(i)))
	f := gofakeit.NewFaker(r, false)
	c := grapevine.Contact{
		ID: sampleID(workspace, seed, i), Workspace: workspace, Kind: grapevine.Person,
		Phone: f.Numerify("+1 555 01## ####"), Owner: sampleOwners[r.IntN(len(sampleOwners))],
		// Squared: more of them lately.
		CreatedAt: grapevine.Time{Time: now.Add(-time.Duration(pow2(r.Float64()) * float64(24*30*24*time.Hour))).UTC().Truncate(time.Millisecond)},
	}
	for _, tag := range sampleTags {
		if r.IntN(len(sampleTags)) < 2 {
			c.Tags = append(c.Tags, tag)
		}
	}
	if r.IntN(3) > 0 {
		note := sampleNotes[r.IntN(len(sampleNotes))]
		if strings.Contains(note, "%s") {
			note = fmt.Sprintf(note, f.ProductName())
		}
		c.Notes = note
	}
	if r.IntN(4) > 0 {
		c.Addresses = []grapevine.Address{{
			Label: []string{"work", "home"}[r.IntN(2)], Street: f.Street(), City: f.City(),
			Region: f.StateAbr(), PostalCode: f.Zip(), Country: "US",
		}}
	}
	if i%sampleOrganizations == 0 {
		c.Kind, c.Name = grapevine.Organization, sampleCompany(seed, i)
		c.Email = "hello@" + host(c.Name)
		return c
	}
	c.FirstName, c.LastName = f.FirstName(), f.LastName()
	// Skewed: the first organizations have most people.
	before := (i-1)/sampleOrganizations + 1
	at := int(pow2(pow2(r.Float64()))*float64(before)) * sampleOrganizations
	c.Company, c.OrganizationID = sampleCompany(seed, at), sampleID(workspace, seed, at)
	c.Email = fmt.Sprintf("%s.%s%d@%s", mailName(c.FirstName), mailName(c.LastName), i, host(c.Company))
	return c
}

func pow2(x float64) float64 { return x * x }

func sampleCompany(seed uint64, i int) string {
	return gofakeit.NewFaker(rand.New(rand.NewPCG(seed, uint64(i)|1<<63)), false).Company()
}

func host(company string) string {
	return mailName(company) + [...]string{".example.com", ".example.org", ".example.net"}[len(company)%3]
}

// mailName keeps the letters and digits that stand in a mail address without quoting.
func mailName(s string) string {
	return strings.Map(func(c rune) rune {
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(s))
}

// sampleID is fixed by workspace, seed and place, so that seeding again finds what is there already.
func sampleID(workspace string, seed uint64, i int) string {
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%s/%d", workspace, seed)
	var id bson.ObjectID
	binary.BigEndian.PutUint32(id[:4], uint32(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Unix()))
	binary.BigEndian.PutUint32(id[4:8], h.Sum32())
	binary.BigEndian.PutUint32(id[8:], uint32(i))
	return id.Hex()
}
