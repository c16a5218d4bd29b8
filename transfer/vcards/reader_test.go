package vcards_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"grapevine/transfer/record"
	"grapevine/transfer/record/recordtest"
	"grapevine/transfer/vcards"
)

func rows(t testing.TB, file string) (all []record.Row) {
	t.Helper()
	groups, err := vcards.FindGroups(strings.NewReader(file), false)
	require.NoError(t, err)
	r := vcards.NewReader(strings.NewReader(file), groups, false)
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, row)
	}
}

// card is a card of version 3.0 with the lines that follow.
func card(lines string) string { return cardOf("3.0", lines) }

func cardOf(version, lines string) string {
	return "BEGIN:VCARD\nVERSION:" + version + "\n" + lines + "\nEND:VCARD\n"
}

func TestRead(t *testing.T) {
	for name, test := range map[string]struct{ file, want string }{
		"a label of Apple": {
			card("N:A;B\nitem1.TEL:1\nitem1.X-ABLabel:_$!<HomeFAX>!$_\nITEM2.TEL:2\nitem2.X-ABLabel:Ferienhaus\nTEL;type=CELL;type=VOICE;type=pref:3"),
			"1; firstName=B; lastName=A; phones=mobile|3+home fax|1+Ferienhaus|2",
		},
		"names of Nextcloud's and Outlook's own": {
			card("N:A\nX-MANAGERSNAME:Bo Ek\nX-SPOUSESNAME:Cy\nX-MAIDENNAME:Dee\nX-MS-SIGNATURE:YES\nEMAIL;TYPE=X-INTERNET:a@x"),
			"1; lastName=A; emails=a@x; related=manager|Bo Ek+spouse|Cy; custom=maiden name|Dee",
		},
		"an address of which only the text is known": {
			cardOf("4.0", "FN:B A\nADR;TYPE=work;LABEL=\"1 St\\nTown\":;;;;;;\nADR;TYPE=home:;;;;;;"), "1; firstName=B; lastName=A; addresses=work|1 St/Town",
		},
		"a fax is never first": {
			card("N:A\nTEL;TYPE=WORK,FAX,PREF:1\nTEL;TYPE=VOICE:2"), "1; lastName=A; phones=2+work fax|1",
		},
		"preferences by number": {
			cardOf("4.0", "FN:B A\nEMAIL:c@x\nEMAIL;PREF=2:b@x\nEMAIL;PREF=\"1\";TYPE=\"work,internet\":a@x"),
			"1; firstName=B; lastName=A; emails=work|a@x+b@x+c@x",
		},
		"tel: URIs": {
			cardOf("4.0", "FN:B A\nTEL;VALUE=uri;TYPE=\"voice,work\":tel:+1-555-555-0100;ext=22\nTEL;VALUE=uri:tel:5550101;phone-context=+44\nTEL:tel\\:030%20555"),
			"1; firstName=B; lastName=A; phones=work|+1-555-555-0100 ext. 22++44 5550101+030 555",
		},
		"addresses in one value, with a name": {
			card("EMAIL:Bo Ek <mailto:bo@x>\nEMAIL:a@x, c@x;d@x"), "1; firstName=Bo; lastName=Ek; emails=bo@x+a@x+c@x+d@x",
		},
		"a display name": {card("N:Roe;Jane\nFN:Jenny\nFN:J. R."), "1; firstName=Jane; lastName=Roe; nickname=Jenny; custom=display name|J. R."},
		"a display name with the company": {
			card("N:Roe;Jane\nFN:Roe\\, Jane (Acme\\, Inc.)\nORG:Acme\\, Inc."), "1; firstName=Jane; lastName=Roe; company=Acme, Inc.",
		},
		"an unescaped comma in ORG": {card("N:A\nORG:Acme, Inc.;Sales;EU"), "1; lastName=A; company=Acme, Inc.; department=Sales, EU"},
		"Apple's company":           {card("N:Roe;Jane;;;\nFN:Acme\nORG:Acme;Sales\nX-ABShowAs:COMPANY\nTITLE:Owner"), "1; kind=organization; name=Acme; department=Sales; title=Owner; related=contact|Jane Roe"},
		"KIND:org":                  {cardOf("4.0", "KIND:ORG\nFN:Sales Dept\nORG:Acme"), "1; kind=organization; name=Sales Dept; company=Acme"},
		"KIND:org, named by N":      {cardOf("4.0", "KIND:org\nFN:Acme\nN:Acme;;;;"), "1; kind=organization; name=Acme"},
		"FN = ORG with an empty N":  {card("N:;;;;\nFN:Acme\nORG:ACME;\nEMAIL:a@x"), "1; kind=organization; name=Acme; emails=a@x"},
		"only ORG":                  {card("ORG:Acme"), "1; kind=organization; name=Acme"},
		"ORG and an e-mail":         {card("ORG:Acme\nEMAIL:a@x"), "1; company=Acme; emails=a@x"},
		"only FN":                   {card("FN:Dr. Ana María de la Cruz"), "1; prefix=Dr.; firstName=Ana María; lastName=de la Cruz"},
		"FN is the e-mail":          {card("FN:a@x\nEMAIL:a@x"), "1; emails=a@x"},
		"other kinds":               {cardOf("4.0", "KIND:device\nFN:x") + cardOf("4.0", "KIND:individual\nFN:y"), "1 skipped\n6; firstName=y"},
		"nothing to call it by":     {card("NOTE:x"), "1 skipped"},
		"dates": {
			card("N:A\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29\nitem1.X-ABDATE;type=pref:2001-06-09\nitem1.X-ABLabel:_$!<Anniversary>!$_\nBDAY;VALUE=text:about 1800\nX-ANNIVERSARY:20010609T000000Z"),
			"1; lastName=A; dates=birthday|--02-29+anniversary|2001-06-09; custom=birthday|about 1800; notes: 1",
		},
		"people": {
			cardOf("4.0", "FN:A\nRELATED;TYPE=spouse;VALUE=text:Jo Doe\nRELATED;TYPE=child:urn:uuid:1\nX-MS-MANAGER:Bo\nitem1.X-ABRELATEDNAMES:Ann\nitem1.X-ABLabel:_$!<Assistant>!$_"),
			"1; firstName=A; related=spouse|Jo Doe+manager|Bo+assistant|Ann; custom=child|urn:uuid:1",
		},
		"Android": {
			card("N:A\nX-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Bob;1;;;;;;;;;;;;;\nX-ANDROID-CUSTOM:vnd.android.cursor.item/contact_event;2001-06-09;1;;\nX-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Mary;0;Aunt;\nX-ANDROID-CUSTOM:vnd.android.cursor.item/identity;x;;;"),
			"1; lastName=A; nickname=Bob; dates=anniversary|2001-06-09; related=Aunt|Mary; custom=identity|x",
		},
		"messaging and other properties": {
			card("N:A\nIMPP;X-SERVICE-TYPE=Skype;type=pref:x-apple:alice\nIMPP:xmpp:a%40b@c\nX-SKYPE-USERNAME:bob\nX-SOCIALPROFILE;type=twitter:https://twitter.com/a\nX-PHONETIC-FIRST-NAME:あ\nROLE:Boss\nX-EVOLUTION-BLOG-URL:b\nitem3.X-SHOE:42\nitem3.X-ABLabel:Shoe size\nX-ABUID:1\nREV:1"),
			"1; lastName=A; custom=Skype|alice+xmpp|a@b@c+skype|bob+twitter|https://twitter.com/a+phonetic first name|あ+role|Boss+blog url|b+Shoe size|42",
		},
		"a name in sounds": {cardOf("2.1", "N:Sato;Yui\nSOUND;X-IRMC-N:サトウ;ユイ;;;"), "1; firstName=Yui; lastName=Sato; custom=phonetic name|サトウ ユイ"},
		"what is not kept": {
			card("N:A\nPHOTO;VALUE=uri:http://x/1.jpg\nKEY;ENCODING=b:AAAA\nX-MS-CARDPICTURE;ENCODING=b:/9j/4AAQ\nAGENT:BEGIN:VCARD\\nFN:B\\nEND:VCARD\\n\nno property"),
			"1; lastName=A; notes: 5",
		},
		"tags": {
			card("N:A\nCATEGORIES:myContacts,a\\,b, c;d\nCATEGORIES:c") + cardOf("2.1", "N:B\nCATEGORIES:x,y;z"),
			"1; lastName=A; tags=a,b+c;d+c\n7; lastName=B; tags=x+y+z",
		},
		"an address with its label": {
			card("N:A\nADR;TYPE=home:;;1 St;Town;;;\nLABEL;TYPE=home:1 St\\nTown\nLABEL;TYPE=work:2 St\\nCity\nADR;TYPE=x;LABEL=\"c/o B\\n3 St\":;;3 St;;;;"),
			"1; lastName=A; addresses=home|1 St|Town+work|2 St/City+x|3 St; custom=address label|c/o B/3 St",
		},
		"two of a kind": {
			card("N:A\nN:B;C\nTITLE:x\nTITLE:y\nORG:o\nORG:p;q\nNICKNAME:m,n\nNOTE:1\nNOTE:2\nUID:u"),
			"1; lastName=A; nickname=m, n; company=o; title=x; custom=name|C B+title|y+company|p, q; notes=1/2; uid=u",
		},
		"escapes of 2.1": {cardOf("2.1", "N:Smith\\;Jones;A\nNOTE;ENCODING=QUOTED-PRINTABLE:C:\\new=0D=0A=\nx"), `1; firstName=A; lastName=Smith;Jones; notes=C:\new/x`},
		"no version":     {"BEGIN:VCARD\nN:A;B\nNOTE:a\\nb\nEND:VCARD\n", "1; firstName=B; lastName=A; notes=a/b"},
		"groups": {
			card("FN:Choir\nX-ADDRESSBOOKSERVER-KIND:group\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:A1") + cardOf("4.0", "FN:A\nUID:urn:uuid:a1\nCATEGORIES:x") +
				cardOf("4.0", "FN:B\nEMAIL:b@x") + cardOf("4.0", "KIND:group\nFN:Band\nMEMBER:urn:uuid:a1\nMEMBER:mailto:B@x\nMEMBER:urn:uuid:nobody"),
			"7; firstName=A; tags=x+Choir+Band; uid=urn:uuid:a1\n13; firstName=B; emails=b@x; tags=Band",
		},
		"text outside, no end": {"x\n" + card("N:A") + "BEGIN:VCARD\nN:B\n" + card("N:C"), "1 skipped\n2; lastName=A\n6 skipped\n8; lastName=C"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, row := range rows(t, test.file) {
				got = append(got, recordtest.Brief(row))
				row.Contact.Workspace = "default"
				if row.Skipped == "" {
					require.NoError(t, row.Contact.Validate())
				}
			}
			require.Equal(t, test.want, strings.Join(got, "\n"))
		})
	}
}

func TestNotesNameWhatIsNotKept(t *testing.T) {
	all := rows(t, card("N:A\nPHOTO;ENCODING=b:AAAA\nBDAY:spring\nrubbish"))
	require.Equal(t, []record.Note{
		{Line: 6, Note: "this line is no property: rubbish"},
		{Line: 4, Field: "PHOTO", Note: "the photo is not kept"},
		{Line: 5, Field: "BDAY", Note: `"spring" is no date that can be read in one way only; it is kept as a custom field`},
	}, all[0].Notes)
}

func TestErrorOfTheFile(t *testing.T) {
	broken := errors.New("the disk is gone")
	_, err := vcards.FindGroups(iotest.ErrReader(broken), false)
	require.ErrorIs(t, err, broken)
	_, err = vcards.NewReader(iotest.ErrReader(broken), vcards.Groups{}, false).Next()
	require.ErrorIs(t, err, broken)
}
