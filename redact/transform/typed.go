package transform

import (
	"strings"

	"weir/redact/category"
)

// typeWords are the words for categories, and for all below them, that their
// last word would not do for.
var typeWords = map[category.Key]string{
	category.Remainder:            "text",
	category.Email:                "email",
	category.PhoneNumber:          "phone",
	category.IPAddress:            "ip",
	category.UniqueID:             "id",
	"user.contact.fax_number":     "fax",
	"user.contact.address":        "address",
	"user.contact.social_url":     "url",
	"user.device.cookie_id":       "id",
	"user.device.device_id":       "device",
	"user.financial.credit_card":  "card",
	"user.financial.bank_account": "account",
	"user.government_id":          "government_id",
	"user.health":                 "health",
	"user.location":               "location",
	"user.name":                   "name",
}

// appendType appends what stands for a value of a category: the word that the
// table has for it or for what it is below, else the last word of the category
// itself, which is Fideslang's or the policy's.
func appendType(dst []byte, c category.Key) []byte {
	word := string(c[strings.LastIndexByte(string(c), '.')+1:])
	for above := c; ; {
		if w, ok := typeWords[above]; ok && (above != category.Remainder || c == "") {
			word = w
			break
		}
		dot := strings.LastIndexByte(string(above), '.')
		if dot < 0 {
			break
		}
		above = above[:dot]
	}
	dst = append(dst, '<')
	dst = append(dst, word...)
	return append(dst, '>')
}
