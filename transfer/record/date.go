package record

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	yearFirst   = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\.?([T ].*)?$`)
	digitsOnly  = regexp.MustCompile(`^(\d{4})(\d\d)(\d\d)(T.*)?$`)
	withoutYear = regexp.MustCompile(`^--(\d\d)-?(\d\d)$`)
	dayAndMonth = regexp.MustCompile(`^(\d{1,2})\. ?(\d{1,2})\.$`)
	yearLast    = regexp.MustCompile(`^(\d{1,2})([-/.]) ?(\d{1,2})[-/.] ?(\d{4})( .*)?$`)
	dayMonth    = regexp.MustCompile(`^(?:[\pL.]+, )?(\d{1,2})(?:\.|er|st|nd|rd|th)?[ -](?:de )?(\pL+)\.?(?:[ ,-]+(?:de |del )?(\d{4}))?$`)
	monthDay    = regexp.MustCompile(`^(?:[\pL.]+, )?(\pL+)\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?$`)
	noDate      = regexp.MustCompile(`^0{1,4}[-/.]0{1,2}[-/.]0{1,4}$`)
)

// appleNoYear is the year that Apple's programs write where there is none.
const appleNoYear = 1604

// monthNames in English, German, French and Spanish, by their keys.
var monthNames = func() map[string]int {
	months := map[string]int{}
	for i, names := range []string{
		"january jan januar janner janvier janv enero ene", "february feb februar fevrier fevr febrero", "march mar marz mars marzo mrz",
		"april apr avril avr abril abr", "may mai mayo", "june jun juni juin junio", "july jul juli juillet juil julio",
		"august aug aout agosto ago", "september sep sept septembre septiembre", "october oct oktober okt octobre octubre",
		"november nov novembre noviembre", "december dec dezember dez decembre diciembre dic", //nolint:misspell // French
	} {
		for _, name := range strings.Fields(names) {
			months[name] = i + 1
		}
	}
	return months
}()

// ReadDate returns a date as a contact holds it. ok is false for a text that is no date, or that can be read in two ways.
func ReadDate(text string) (date string, ok bool) {
	text = strings.TrimSpace(text)
	if m := yearFirst.FindStringSubmatch(text); m != nil {
		return MakeDate(m[1], m[2], m[3])
	}
	if m := digitsOnly.FindStringSubmatch(text); m != nil {
		return MakeDate(m[1], m[2], m[3])
	}
	if m := withoutYear.FindStringSubmatch(text); m != nil {
		return MakeDate("", m[1], m[2])
	}
	if m := dayAndMonth.FindStringSubmatch(text); m != nil { // points stand in this order only
		return MakeDate("", m[2], m[1])
	}
	if m := yearLast.FindStringSubmatch(text); m != nil {
		a, _ := strconv.Atoi(m[1]) // two digits
		b, _ := strconv.Atoi(m[3])
		switch {
		case m[2] == "." || a > 12 || a == b: // a point stands between day and month only in this order
			return MakeDate(m[4], m[3], m[1])
		case b > 12:
			return MakeDate(m[4], m[1], m[3])
		}
		return "", false
	}
	if m := dayMonth.FindStringSubmatch(text); m != nil {
		return MakeDate(m[3], strconv.Itoa(monthNames[Key(m[2])]), m[1])
	}
	if m := monthDay.FindStringSubmatch(text); m != nil {
		return MakeDate(m[3], strconv.Itoa(monthNames[Key(m[1])]), m[2])
	}
	return "", false
}

// MakeDate joins the parts of a date. The year may be absent.
func MakeDate(year, month, day string) (date string, ok bool) {
	y, err := strconv.Atoi(year)
	m, monthErr := strconv.Atoi(month)
	d, dayErr := strconv.Atoi(day)
	if monthErr != nil || dayErr != nil || err != nil && year != "" {
		return "", false
	}
	hasYear := y != 0 && y != appleNoYear
	if !hasYear {
		y = 2000 // a leap year
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if int(t.Month()) != m || t.Day() != d || y > 9999 || y < 1 {
		return "", false
	}
	if !hasYear {
		return t.Format("--01-02"), true
	}
	return t.Format(time.DateOnly), true
}

// IsNoDate reports whether a text is what programs write where there is no date, such as Outlook's 0/0/00.
func IsNoDate(text string) bool { return noDate.MatchString(text) }
