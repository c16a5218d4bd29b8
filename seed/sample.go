package seed

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/brianvoe/gofakeit/v7"

	"grapevine"
)

// organizationEvery is the distance between two organizations; the contacts between them are persons.
const organizationEvery = 12

// maxAge is the age of the oldest sample contact: 24 months.
const maxAge = 24 * 30 * 24 * time.Hour

var (
	tags         = []string{"customer", "lead", "partner", "newsletter", "vip", "supplier", "press", "conference", "alumni", "friend"}
	countryCodes = map[string]string{"DE": "49", "ES": "34", "PL": "48", "DK": "45", "IE": "353", "UA": "380", "JP": "81", "KR": "82", "AE": "971", "VN": "84"}
	departments  = []string{"Sales", "Research", "Support", "Finance", "Logistics", "Human resources"}
	owners       = []string{"sam", "alex", "kim", "robin"}
	notes        = []string{"Prefers a call in the morning.", "Met at %s.", "Wants the new price list.", "Interested in %s.", "Sends regards to the team.", "Asked about %s twice."}
)

// Contacts yields contacts that look like people and the organizations they work for. An organization comes before
// its people. createdAt lies in the 24 months before now. E-mail addresses belong to example.com, .org and .net,
// where no mail arrives.
func (s Samples) Contacts(now time.Time) iter.Seq[grapevine.Contact] {
	return func(yield func(grapevine.Contact) bool) {
		for i := range s.Count {
			if !yield(s.contact(i, now)) {
				return
			}
		}
	}
}

func (s Samples) contact(i int, now time.Time) grapevine.Contact {
	r := rand.New(rand.NewPCG(s.Seed, uint64(i)))
	f := gofakeit.NewFaker(r, false)
	c := grapevine.Contact{
		ID: s.id(i), Workspace: s.Workspace, Kind: grapevine.Person, Owner: owners[r.IntN(len(owners))],
		Phones: []grapevine.Entry{{Label: "work", Value: phoneNumber(f, "US")}},
		// Squared, so that most contacts are recent.
		CreatedAt: grapevine.Time{Time: now.Add(-time.Duration(square(r.Float64()) * float64(maxAge))).UTC().Truncate(time.Millisecond)},
	}
	c.UpdatedAt = c.CreatedAt
	for _, tag := range tags {
		if r.IntN(len(tags)) < 2 {
			c.Tags = append(c.Tags, tag)
		}
	}
	if r.IntN(3) > 0 {
		note := notes[r.IntN(len(notes))]
		if strings.Contains(note, "%s") {
			note = fmt.Sprintf(note, f.ProductName())
		}
		c.Notes = note
	}
	if i%organizationEvery == 0 {
		c.Kind, c.Name = grapevine.Organization, s.organizationName(i)
		c.Emails = []grapevine.Entry{{Label: "work", Value: "hello@" + host(c.Name)}, {Label: "billing", Value: "accounts@" + host(c.Name)}}
		c.URLs = []grapevine.Entry{{Label: "work", Value: "https://www." + host(c.Name)}}
		c.Addresses = []grapevine.Address{address(f, "work", "US"), address(f, "billing", "US")}[:1+r.IntN(2)]
		return c
	}
	s.describePerson(i, &c, r, f)
	return c
}

// describePerson fills in what a person has and an organization has not.
func (s Samples) describePerson(i int, c *grapevine.Contact, r *rand.Rand, f *gofakeit.Faker) {
	n := name{first: f.FirstName(), last: f.LastName(), country: "US"}
	n.asciiFirst, n.asciiLast = mailName(n.first), mailName(n.last)
	if r.IntN(4) == 0 {
		n = world[r.IntN(len(world))].name(r)
	}
	c.Prefix, c.FirstName, c.LastName = n.prefix, n.first, n.last
	if r.IntN(8) == 0 {
		c.Nickname = f.FirstName()
	}
	// Skewed, so that the first organizations have most people.
	before := (i-1)/organizationEvery + 1
	at := int(square(square(r.Float64()))*float64(before)) * organizationEvery
	c.Company, c.OrganizationID = s.organizationName(at), s.id(at)
	c.Department, c.Title = departments[r.IntN(len(departments))], f.JobTitle()
	mailbox := fmt.Sprintf("%s.%s%d@", n.asciiFirst, n.asciiLast, i)
	c.Emails = []grapevine.Entry{{Label: "work", Value: mailbox + host(c.Company)}}
	if r.IntN(2) == 0 {
		c.Emails = append(c.Emails, grapevine.Entry{Label: "home", Value: mailbox + "mail.example.com"})
	}
	c.Phones[0].Value = phoneNumber(f, n.country)
	if r.IntN(2) == 0 {
		c.Phones = append(c.Phones, grapevine.Entry{Label: "mobile", Value: phoneNumber(f, n.country)})
	}
	if r.IntN(4) > 0 {
		c.Addresses = []grapevine.Address{address(f, []string{"work", "home"}[r.IntN(2)], n.country)}
	}
	if r.IntN(3) == 0 {
		birthday := f.DateRange(time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2004, 12, 31, 0, 0, 0, 0, time.UTC))
		form := []string{time.DateOnly, "--01-02"}[r.IntN(2)] // some people keep the year to themselves
		c.Dates = []grapevine.Entry{{Label: "birthday", Value: birthday.Format(form)}}
	}
	if r.IntN(10) == 0 {
		c.Related = []grapevine.Entry{{Label: "assistant", Value: f.Name()}}
	}
}

// phoneNumber is a number that nobody has: one set aside for fiction in the United States, and elsewhere one that begins with two
// zeros after the country's code, which no country assigns.
func phoneNumber(f *gofakeit.Faker, country string) string {
	if code, known := countryCodes[country]; known {
		return f.Numerify("+" + code + " 00 ### ####")
	}
	return f.Numerify("+1 555 01## ####")
}

func address(f *gofakeit.Faker, label, country string) grapevine.Address {
	a := grapevine.Address{Label: label, Street: f.Street(), City: f.City(), PostalCode: f.Zip(), Country: country}
	if country == "US" {
		a.Region = f.StateAbr()
	}
	return a
}

func square(x float64) float64 { return x * x }

func (s Samples) organizationName(i int) string {
	return gofakeit.NewFaker(rand.New(rand.NewPCG(s.Seed, uint64(i)|1<<63)), false).Company()
}

func host(company string) string {
	return mailName(company) + [...]string{".example.com", ".example.org", ".example.net"}[len(company)%3]
}

// mailName keeps the letters and digits that need no quotes in an e-mail address.
func mailName(s string) string {
	return strings.Map(func(c rune) rune {
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(s))
}

// id depends on workspace, seed and index only, so that a second run finds the contacts of the first. It has the
// form of an ObjectID.
func (s Samples) id(i int) string {
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%s/%d", s.Workspace, s.Seed)
	var id [12]byte
	binary.BigEndian.PutUint32(id[:4], uint32(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Unix()))
	binary.BigEndian.PutUint32(id[4:8], h.Sum32())
	binary.BigEndian.PutUint32(id[8:], uint32(i))
	return hex.EncodeToString(id[:])
}
