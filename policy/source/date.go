package source

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date returns the beginning of a day in UTC, such as 2027-01-01 (RFC 3339 full-date),
// from 1900 to 2999.
func (n Node) Date() time.Time {
	if !n.Exists() {
		return time.Time{}
	}
	n.recordForm(`^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$`)
	const instead = "year, month and day, such as 2027-01-01"
	if n.Is("a number") {
		n.Refuse(fmt.Sprintf("%s: %s is not a day", quote(n.key), quote(n.node.GetToken().Value)), instead)
		return time.Time{}
	}
	t, ok := n.scalar()
	if !ok {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, t.Value)
	if err == nil && (day.Year() < 1900 || day.Year() > 2999) {
		n.Refuse(fmt.Sprintf("%s: a day is in the years from 1900 to 2999", quote(n.key)), instead)
		return time.Time{}
	}
	if err != nil {
		if iso := reordered(t.Value); iso != "" {
			n.Refuse(fmt.Sprintf("%s: %s is not a day", quote(n.key), quote(t.Value)), iso)
		} else {
			n.Refuse(fmt.Sprintf("%s: %s is not a day", quote(n.key), quote(t.Value)), instead)
		}
		return time.Time{}
	}
	return day
}

// reordered is a day that was written as 31.12.2027, 31-12-2027 or 2027-1-1, or with a
// time behind it; "" where it can be read in two ways.
func reordered(text string) string {
	text, _, _ = strings.Cut(text, "T")
	parts := strings.FieldsFunc(text, func(c rune) bool { return c == '.' || c == '-' || c == '/' || c == ' ' })
	if len(parts) != 3 {
		return ""
	}
	var n [3]int
	for i, p := range parts {
		var err error
		if n[i], err = strconv.Atoi(p); err != nil {
			return ""
		}
	}
	year, month, day := n[0], n[1], n[2]
	if n[2] > 1000 {
		if strings.Contains(text, "/") && n[0] <= 12 {
			return ""
		}
		year, month, day = n[2], n[1], n[0]
	}
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if year < 1900 || year > 2999 || int(at.Month()) != month || at.Day() != day {
		return ""
	}
	return at.Format(time.DateOnly)
}
