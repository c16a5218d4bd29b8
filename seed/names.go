package seed

import "math/rand/v2"

// people are first and last names of one language. ascii are the same names as e-mail addresses write them.
type people struct {
	first, last           []string
	asciiFirst, asciiLast []string
	prefix                []string
	country               string
}

// world are the languages of the sample people beside English, which gofakeit has.
var world = []people{
	{
		first: []string{"Jürgen", "Käthe", "Björn", "Anneliese"}, last: []string{"Müller", "Groß", "Schäfer", "von der Heide"},
		asciiFirst: []string{"juergen", "kaethe", "bjoern", "anneliese"}, asciiLast: []string{"mueller", "gross", "schaefer", "vonderheide"},
		prefix: []string{"Dr.", "Prof. Dr."}, country: "DE",
	},
	{
		first: []string{"José", "María", "Íñigo", "Begoña"}, last: []string{"García Lorca", "Núñez", "Ibáñez", "de la Cruz"},
		asciiFirst: []string{"jose", "maria", "inigo", "begona"}, asciiLast: []string{"garcia", "nunez", "ibanez", "delacruz"},
		prefix: []string{"Dra.", "Ing."}, country: "ES",
	},
	{
		first: []string{"Łukasz", "Małgorzata", "Żaneta", "Paweł"}, last: []string{"Wójcik", "Kowalczyk", "Śliwiński", "Dąbrowska"},
		asciiFirst: []string{"lukasz", "malgorzata", "zaneta", "pawel"}, asciiLast: []string{"wojcik", "kowalczyk", "sliwinski", "dabrowska"},
		prefix: []string{"mgr", "dr"}, country: "PL",
	},
	{
		first: []string{"Søren", "Åse", "Bjørg", "Jørgen"}, last: []string{"Ødegård", "Kjær", "Østergaard", "Nygård"},
		asciiFirst: []string{"soren", "aase", "bjorg", "jorgen"}, asciiLast: []string{"odegard", "kjaer", "ostergaard", "nygard"},
		prefix: []string{"Dr."}, country: "DK",
	},
	{
		first: []string{"Siobhán", "Seán", "Niamh", "Oisín"}, last: []string{"O’Brien", "Ní Dhomhnaill", "O'Sullivan", "Mac Gabhann"},
		asciiFirst: []string{"siobhan", "sean", "niamh", "oisin"}, asciiLast: []string{"obrien", "nidhomhnaill", "osullivan", "macgabhann"},
		prefix: []string{"Dr."}, country: "IE",
	},
	{
		first: []string{"Юрий", "Наталья", "Сергей", "Анна"}, last: []string{"Достоевский", "Ковалёва", "Шевченко", "Чайковская"},
		asciiFirst: []string{"yuri", "natalya", "sergey", "anna"}, asciiLast: []string{"dostoevsky", "kovaleva", "shevchenko", "chaikovskaya"},
		country: "UA",
	},
	{
		first: []string{"太郎", "花子", "さくら", "健一"}, last: []string{"山田", "佐藤", "高橋", "渡辺"},
		asciiFirst: []string{"taro", "hanako", "sakura", "kenichi"}, asciiLast: []string{"yamada", "sato", "takahashi", "watanabe"},
		country: "JP",
	},
	{
		first: []string{"민준", "서연", "지우", "하은"}, last: []string{"김", "이", "박", "최"},
		asciiFirst: []string{"minjun", "seoyeon", "jiwoo", "haeun"}, asciiLast: []string{"kim", "lee", "park", "choi"},
		country: "KR",
	},
	{
		first: []string{"محمد", "فاطمة", "ليلى", "يوسف"}, last: []string{"الحسن", "النجار", "حداد", "منصور"},
		asciiFirst: []string{"mohammed", "fatima", "leila", "youssef"}, asciiLast: []string{"alhassan", "alnajjar", "haddad", "mansour"},
		country: "AE",
	},
	{
		first: []string{"Nguyễn", "Thị Hương", "Đức", "Ngọc Ánh"}, last: []string{"Trần", "Phạm", "Đặng", "Hoàng"},
		asciiFirst: []string{"nguyen", "huong", "duc", "ngocanh"}, asciiLast: []string{"tran", "pham", "dang", "hoang"},
		country: "VN",
	},
}

// name is a person's name, and how e-mail addresses write it.
type name struct {
	prefix, first, last   string
	asciiFirst, asciiLast string
	country               string
}

func (p *people) name(r *rand.Rand) name {
	i, j := r.IntN(len(p.first)), r.IntN(len(p.last))
	n := name{first: p.first[i], last: p.last[j], asciiFirst: p.asciiFirst[i], asciiLast: p.asciiLast[j], country: p.country}
	if len(p.prefix) > 0 && r.IntN(4) == 0 {
		n.prefix = p.prefix[r.IntN(len(p.prefix))]
	}
	return n
}
