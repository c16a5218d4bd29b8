package tables_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/transfer/record"
	"grapevine/transfer/record/recordtest"
	"grapevine/transfer/tables"
)

func rows(t *testing.T, r *tables.Reader) (all []record.Row) {
	t.Helper()
	for {
		row, err := r.Next()
		if err == io.EOF { //nolint:errorlint // the contract
			return all
		}
		require.NoError(t, err)
		all = append(all, row)
	}
}

func TestRead(t *testing.T) {
	for name, test := range map[string]struct{ file, want string }{
		"nothing":     {"", ""},
		"titles only": {"firstName,lastName\n", ""},
		"Google since 2024": {
			"First Name,Middle Name,Last Name,Phonetic First Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,Organization Title,Organization Department,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,Address 1 - Extended Address,Website 1 - Label,Website 1 - Value,Event 1 - Label,Event 1 - Value,Relation 1 - Label,Relation 1 - Value,Custom Field 1 - Label,Custom Field 1 - Value\n" +
				"Lena,,Falke,,,,,,Seeblick,Pilot,Air, --05-06,n,https://photo.example,Choir ::: * myContacts ::: * starred,Summer House,a@x.example,Work,1 ::: 2,Home,\"1 St\nTown\",1 St,Town,PO 5,,99,DE,Floor 2,Profile,x.example,Anniversary,2001-02-03,Spouse,Jo,Shoe,42\n",
			"2; firstName=Lena; lastName=Falke; company=Seeblick; department=Air; title=Pilot; emails=Summer House|a@x.example; phones=work|1+work|2; urls=profile|x.example; " +
				"addresses=home|1 St/PO 5/Floor 2|Town||99|DE; dates=birthday|--05-06+anniversary|2001-02-03; related=spouse|Jo; custom=Shoe|42; tags=Choir+starred; notes=n; notes: 1",
		},
		"Google's preferred entry, messaging": {
			"Given Name,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value,IM 1 - Type,IM 1 - Service,IM 1 - Value,Address 1 - Type,Address 1 - Formatted\nA,Home,a@x,* Work,b@x,,Skype,a.b,Home,\"1 St\nTown\"\n",
			"2; firstName=A; emails=work|b@x+home|a@x; addresses=home|1 St/Town; custom=Skype|a.b",
		},
		"Google in German": {
			"Vorname,Nachname,Namenspräfix,Name der Organisation,Titel in der Organisation,Abteilung der Organisation,Foto,E-Mail 1 – Label,E-Mail 1 – Wert,E-Mail 2 – Label,E-Mail 2 – Wert,Telefon 1 – Label,Telefon 1 – Wert,Adresse 1 – Label,Adresse 1 – Straße,Adresse 1 – Ort,Adresse 1 – PLZ,Adresse 1 – Land,Ereignis 1 – Label,Ereignis 1 – Wert\n" +
				"Uta,Groß,Dr.,Acme,Chefin,EK,,Privat,a@x,* Arbeit,b@x,Mobil,+49 1,Haus,Weg 1,Ulm,89,DE,Namenstag,--02-03\n",
			"2; prefix=Dr.; firstName=Uta; lastName=Groß; company=Acme; department=EK; title=Chefin; emails=Arbeit|b@x+Privat|a@x; phones=Mobil|+49 1; addresses=Haus|Weg 1|Ulm||89|DE; dates=Namenstag|--02-03",
		},
		"Google in French": {
			"Prénom,Nom de famille,Nom de l'organisation,E-mail 1 – Libellé,E-mail 1 – Valeur,Téléphone 1 – Libellé,Téléphone 1 – Valeur,Adresse 1 – Rue,Adresse 1 – Ville,Site Web 1 – Valeur,Relation 1 – Libellé,Relation 1 – Valeur\n" +
				"Zoé,Petit,Lac,Domicile,a@x,Bureau,04 1,1 rue,Lyon,http://x,Conjoint,Luc\n",
			"2; firstName=Zoé; lastName=Petit; company=Lac; emails=Domicile|a@x; phones=Bureau|04 1; urls=http://x; addresses=1 rue|Lyon; related=Conjoint|Luc",
		},
		"contact persons": {
			"Company,Contact Person,Mob.\nAcme,Bo Li,0171\n", "2; firstName=Bo; lastName=Li; company=Acme; phones=mobile|0171",
		},
		"phones that a spreadsheet made numbers": {
			"firstName,phone\nA,\"4,9171E+11\"\nB,491711234567.0\nC,4.9171e+11\n",
			"2; firstName=A; phones=4,9171E+11; notes: 1\n3; firstName=B; phones=491711234567\n4; firstName=C; phones=4.9171e+11; notes: 1",
		},
		"days of birth without a year": {
			"firstName,Birthday\nA,29.02.\nB,1. 12.\nC,05-06\nD,30.02.\n",
			"2; firstName=A; dates=birthday|--02-29\n3; firstName=B; dates=birthday|--12-01\n4; firstName=C; custom=Birthday|05-06; notes: 1\n5; firstName=D; custom=Birthday|30.02.; notes: 1",
		},
		"Outlook in English": {
			"Title,First Name,Last Name,Company,Job Title,Business Street,Business Street 2,Business City,Business State,Business Postal Code,Business Country/Region,Home Street,Other City,Assistant's Phone,Business Fax,Business Phone,Business Phone 2,Car Phone,Mobile Phone,TTY/TDD Phone,Anniversary,Birthday,Categories,E-mail Address,E-mail Type,E-mail Display Name,E-mail 2 Address,Manager's Name,Spouse,Web Page,Private,Business Address PO Box\n" +
				"Dr.,Ann,More,Acme,Boss,1 Rd,Floor 2,Town,CA,9,USA,2 Rd,Else,1,2,3,4,5,6,7,0/0/00,4/13/1980,a;b,a@x,SMTP,Ann (a@x),b@x,Max,Jo,http://x,,PO 1\n",
			"2; prefix=Dr.; firstName=Ann; lastName=More; company=Acme; title=Boss; emails=a@x+b@x; phones=work|3+assistant|1+work fax|2+work|4+car|5+mobile|6+tty|7; urls=http://x; " +
				"addresses=work|1 Rd/Floor 2/PO 1|Town|CA|9|USA+home|2 Rd+other||Else; dates=birthday|1980-04-13; related=manager|Max+spouse|Jo; tags=a+b",
		},
		"Outlook in German": {
			"Anrede;Titel;Vorname;Nachname;Firma;Position;Straße geschäftlich;Straße geschäftlich 2;Ort geschäftlich;Region geschäftlich;Land/Region geschäftlich;Straße privat;Bundesland/Kanton privat;Weitere Postleitzahl;Fax geschäftlich;Telefon geschäftlich 2;Telefon (privat);Mobiltelefon;Weiteres Fax;E-Mail-Adresse;E-Mail-Typ;E-Mail 2: Adresse;Geburtstag;Name Assistent;Webseite;Vertraulichkeit\n" +
				"Frau;Dr.;Käthe;Böhm;Grün;Chefin;Weg 1;Haus 2;Löbau;SN;DE;Gasse 3;ZH;99;1;2;3;4;5;a@x;SMTP;b@x;13.4.1980;Al;x.de;Normal\n",
			"2; prefix=Frau Dr.; firstName=Käthe; lastName=Böhm; company=Grün; title=Chefin; emails=a@x+b@x; phones=work|2+work fax|1+home|3+mobile|4+other fax|5; urls=x.de; " +
				"addresses=work|Weg 1/Haus 2|Löbau|SN||DE+home|Gasse 3||ZH+other||||99; dates=birthday|1980-04-13; related=assistant|Al; custom=Vertraulichkeit|Normal",
		},
		"Outlook in French": {
			"Titre,Prénom,Nom,Société,Service,Titre,Rue (bureau),Ville (bureau),Dép/Région (bureau),Code postal (bureau),Pays/Région (bureau),Rue (domicile) 2,Télécopie (bureau),Téléphone (bureau),Téléphone 2 (bureau),Téléphone (domicile),Tél. mobile,Adresse de messagerie,Type de messagerie,Adresse de messagerie 2,Anniversaire,Anniversaire de mariage ou fête,Catégories,Conjoint(e),Page Web,Notes\n" + //nolint:misspell // French
				"Mme,Zoé,Petit,Lac SA,Achats,Chef,1 rue,Lyon,Rhône,69000,France,bis,1,2,3,4,5,a@x,SMTP,b@x,25/12/1980,03/04/2001,amis,Luc,x.fr,n\n",
			"2; prefix=Mme; firstName=Zoé; lastName=Petit; company=Lac SA; department=Achats; title=Chef; emails=a@x+b@x; phones=work|2+work fax|1+work|3+home|4+mobile|5; urls=x.fr; " +
				"addresses=work|1 rue|Lyon|Rhône|69000|France+home|bis; dates=birthday|1980-12-25; related=spouse|Luc; custom=Anniversaire de mariage ou fête|03/04/2001; tags=amis; notes=n; notes: 1", //nolint:misspell // French
		},
		"Outlook in Spanish": {
			"Tratamiento,Nombre,Segundo nombre,Apellidos,Organización,Puesto,Calle del trabajo,Calle 2 del trabajo,Ciudad del trabajo,Provincia o estado del trabajo,Código postal del trabajo,País o región del trabajo,Calle particular,Ciudad particular,Otra calle,Fax del trabajo,Teléfono del trabajo,Particular,Teléfono móvil,Dirección de correo electrónico,Tipo de correo electrónico,Dirección de correo electrónico 2,Cumpleaños,Categorías,Página Web,Notas\n" +
				"Sra.,Inés,,Ruiz,Sol SL,Jefa,C. 1,Piso 2,Jaén,AN,23001,ES,C. 3,Baza,C. 4,1,2,3,4,a@x,SMTP,b@x,25/12/1980,amigos,x.es,n\n",
			"2; prefix=Sra.; firstName=Inés; lastName=Ruiz; company=Sol SL; title=Jefa; emails=a@x+b@x; phones=work|2+work fax|1+home|3+mobile|4; urls=x.es; " +
				"addresses=work|C. 1/Piso 2|Jaén|AN|23001|ES+home|C. 3|Baza+other|C. 4; dates=birthday|1980-12-25; tags=amigos; notes=n",
		},
		"LinkedIn with text above": {
			"Notes:\n\"When exporting your connection data, you may notice that some addresses are missing\"\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\nLin,Ked,https://l.example/in,,Acme,Boss,03 Apr 2024\n",
			"5; firstName=Lin; lastName=Ked; company=Acme; title=Boss; urls=https://l.example/in; custom=Connected On|03 Apr 2024",
		},
		"apps of phones": {
			"Display Name,First name,Last name,Phone (mobile),Phone (home fax),Email (home),Email - Work,Address (Home) City,Mobile\nAl B,Al,B,1,2,a@x,b@x,Town,3\n",
			"2; firstName=Al; lastName=B; emails=home|a@x+work|b@x; phones=mobile|1+home fax|2+mobile|3; addresses=home||Town",
		},
		"our earlier export": {
			"id,kind,firstName,company,notes,tags,email,phone,street,city,postalCode,createdAt,updatedAt\n0a,person,Ada,'=Acme,\"'-x\ny\",\"a, b;c\",a@x,'+49 1,1 St,Town,01,2026-01-01,2026-01-01\n",
			"2; firstName=Ada; company==Acme; emails=a@x; phones=+49 1; addresses=1 St|Town||01; tags=a, b+c; notes=-x/y",
		},
		"several values in a cell": {
			"name,email,phone,url,tags\nAl B,\"a@x; b@x, c@x\nd@x e@x ::: \"\"B, Al\"\" <f@x>\",\"+49 1;ext=22; 0555/123\n1234567, 7654321\",\"https://a;b https://c\",\"x, y\"\n",
			"2; firstName=Al; lastName=B; emails=a@x+b@x+c@x+d@x+e@x+f@x; phones=+49 1 ext. 22+0555/123+1234567+7654321; urls=https://a;b+https://c; tags=x+y",
		},
		"dates": {
			"firstName,Birthday,Anniversary\na,1980-02-30,1604-05-06\nb,05/05/1980,5. Mai 1980\nc,3/4/80,19800203\nd,\"April 3, 1980\",1980-02-03 00:00:00\ne,13-4-1980,2 de enero de 1980\n",
			"2; firstName=a; dates=anniversary|--05-06; custom=Birthday|1980-02-30; notes: 1\n3; firstName=b; dates=birthday|1980-05-05+anniversary|1980-05-05\n" +
				"4; firstName=c; dates=anniversary|1980-02-03; custom=Birthday|3/4/80; notes: 1\n5; firstName=d; dates=birthday|1980-04-03+anniversary|1980-02-03\n6; firstName=e; dates=birthday|1980-04-13+anniversary|1980-01-02",
		},
		"organizations": {
			"Name,Company,Email,Job Title\n,Acme,,\nAcme,Acme,a@x,\n,Acme,b@x,\nAda L,Acme,,Boss\n",
			"2; kind=organization; name=Acme\n3; kind=organization; name=Acme; emails=a@x\n4; company=Acme; emails=b@x\n5; firstName=Ada; lastName=L; company=Acme; title=Boss",
		},
		"kinds": {
			"Kind,firstName,name,company\nfirm,,X,Y\nOrganisation,,,Y\nrobot,A,,\n",
			"2; kind=organization; name=X; company=Y\n3; kind=organization; name=Y\n4; firstName=A; custom=Kind|robot; notes: 1",
		},
		"a full name beside its parts": {
			"Full Name,First Name,Last Name,Nickname\n\"Falke, Lena\",Lena,Falke,\nLeni,Lena,Falke,\nLeni,Lena,Falke,L\n",
			"2; firstName=Lena; lastName=Falke\n3; firstName=Lena; lastName=Falke; nickname=Leni\n4; firstName=Lena; lastName=Falke; nickname=L; custom=display name|Leni",
		},
		"Name beside Vorname": {"Vorname;Name;PLZ;Ort;Straße\nUwe;Semi;01;Dorf;Weg 1\n", "2; firstName=Uwe; lastName=Semi; addresses=Weg 1|Dorf||01"},
		"titles twice, empty, unknown; longer rows": {
			"firstName,email,email,,Shoe size,Notes,Comments,lastName,lastName\nA,a@x,b@x,odd,42,n,m,L,M,more\nB\n",
			"2; firstName=A; lastName=L; emails=a@x+b@x; custom=column 4|odd+Shoe size|42+lastName|M+column 10|more; notes=n/m\n3; firstName=B",
		},
		"only a note is left": {"email,firstName\nnone,\n", "2 skipped"},
		"no titles":           {"Ann,ann@x,0555 0123\n", "1; emails=ann@x; phones=0555 0123; custom=column 1|Ann"},
		"sep line":            {"\ufeffsep=|\r\nfirstName|email\r\n,a@x\r\nA|b@x", "3; firstName=,a@x\n4; firstName=A; emails=b@x"},
		"Macintosh":           {"firstName;notes\rA;\"x\ny\"\rB;z\r", "2; firstName=A; notes=x/y\n4; firstName=B; notes=z"},
		"apostrophes":         {"lastName,notes,phone,Zip\n't Hooft,'90s,'0555-1,=\"01\"\n", "2; lastName='t Hooft; phones=0555-1; addresses=01; notes='90s"},
		"a row of 2 MiB":      {"firstName\n" + strings.Repeat("x", 2<<20) + "\nB\n", "2 skipped\n3; firstName=B"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := tables.NewReader(strings.NewReader(test.file), tables.Options{})
			require.NoError(t, err)
			var got []string
			for _, row := range rows(t, r) {
				got = append(got, recordtest.Brief(row))
			}
			require.Equal(t, test.want, strings.Join(got, "\n"))
		})
	}
}

func TestColumns(t *testing.T) {
	const file = "Given;E-mail 1 - Type;E-mail 1 - Value;Street;Stuff;Home Phone\nA;Home;a@x;1 St;x;5\n"
	r, err := tables.NewReader(strings.NewReader(file), tables.Options{})
	require.NoError(t, err)
	require.Equal(t, []tables.Column{
		{"Given", "custom"},
		{"E-mail 1 - Type", "emails.1.label"},
		{"E-mail 1 - Value", "emails.1"},
		{"Street", "addresses.street"},
		{"Stuff", "custom"},
		{"Home Phone", "phones.home"},
	}, r.Columns())

	contacts, r := readAll(t, file, tables.Options{Columns: []string{"firstName", "", "emails.work", "addresses.2.street", "dates.birthday.year"}})
	require.Equal(t, tables.Column{Title: "Home Phone"}, r.Columns()[5])
	require.Equal(t, "A", contacts[0].FirstName)
	require.Equal(t, []grapevine.Entry{{Label: "work", Value: "a@x"}}, contacts[0].Emails)
	require.Equal(t, "1 St", contacts[0].Addresses[0].Street)

	contacts, _ = readAll(t, "Ann,a@x\nBo,b@x", tables.Options{Columns: []string{"firstName", "emails", "tags"}})
	require.Len(t, contacts, 2, "there are no titles")

	for _, wrong := range []string{"surname", "emails.", "addresses.planet", "addresses.1.planet", "name.x", "workspace"} {
		_, err := tables.NewReader(strings.NewReader(file), tables.Options{Columns: []string{"", wrong}})
		require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err), wrong)
		require.ErrorContains(t, err, "parameter columns, at place 2")
		require.ErrorContains(t, err, "firstName")
	}
}

// Each guess can be given back as the parameter columns.
func TestColumnsComeBack(t *testing.T) {
	titles := "Name,E-mail 1 - Label,Address 1 - Formatted,Business Fax,Birth Day,Birth Month,Photo,Shoe,IM 1 - Service,Company Main Phone"
	r, err := tables.NewReader(strings.NewReader(titles+"\n"), tables.Options{})
	require.NoError(t, err)
	var fields []string
	for _, column := range r.Columns() {
		fields = append(fields, column.Field)
	}
	again, err := tables.NewReader(strings.NewReader(titles+"\n"), tables.Options{Columns: fields})
	require.NoError(t, err)
	require.Equal(t, r.Columns(), again.Columns())
}

// A hostile file takes little memory and linear time.
func TestHostileTables(t *testing.T) {
	for name, file := range map[string]io.Reader{
		"a row of 100 MB":       io.MultiReader(strings.NewReader("firstName\n\""), io.LimitReader(endless{}, 100<<20), strings.NewReader("\"\nB\n")),
		"wrong rows":            strings.NewReader("firstName,email\n" + strings.Repeat("\"x,no address\n", 50_000)),
		"titles without an end": io.LimitReader(endless{}, 3<<20),
		"many columns":          strings.NewReader(strings.Repeat("a,", 300_000) + "\n" + strings.Repeat("1,", 300_000)),
	} {
		watch := realtest.StartStopwatch(t)
		r, err := tables.NewReader(file, tables.Options{})
		require.NoError(t, err, name)
		require.NotNil(t, rows(t, r), name)
		require.Less(t, watch.Stop(), watch.Allow(10*time.Second), name)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
