package main

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"weir/redact/category"
)

// kind is a sort of value, with the category of its span: "" for none.
type kind struct {
	category category.Key
	make     func(*maker) string
}

const (
	nationalNumber category.Key = "user.government_id.national_identification_number"
	phoneNumber    category.Key = "user.contact.phone_number"
	credentials    category.Key = "user.authorization.credentials"
)

// kinds is every sort of value that a template can name.
var kinds = map[string]kind{
	"email":      {"user.contact.email", (*maker).email},
	"email2":     {"user.contact.email", func(m *maker) string { return url.QueryEscape(url.QueryEscape(m.email())) }},
	"email64":    {"user.contact.email", func(m *maker) string { return base64.StdEncoding.EncodeToString([]byte(m.email())) }},
	"ip4-mapped": {"user.device.ip_address", func(m *maker) string { return "::ffff:" + m.ip4() }},
	"mac-dot": {"user.device.device_id", func(m *maker) string {
		return "3c" + m.letters(2, hexDigits) + "." + m.letters(4, hexDigits) + "." + m.letters(4, hexDigits)
	}},
	"port":   {"", func(m *maker) string { return fmt.Sprint(1024 + m.IntN(60000)) }},
	"ip4":    {"user.device.ip_address", (*maker).ip4},
	"ip6":    {"user.device.ip_address", (*maker).ip6},
	"lan":    {"user.device.ip_address", func(m *maker) string { return m.grouped("10.1#.1##.2") + one(m, []string{"1", "17", "3"}) }},
	"mac":    {"user.device.device_id", (*maker).mac},
	"idfa":   {"user.device.device_id", func(m *maker) string { return strings.ToUpper(m.uuid()) }},
	"card":   {"user.financial.credit_card", (*maker).card},
	"iban":   {"user.financial.bank_account", (*maker).iban},
	"dk-cpr": {nationalNumber, (*maker).cpr},
	"se-pnr": {nationalNumber, (*maker).personnummer},
	"no-fnr": {nationalNumber, (*maker).fodselsnummer},
	"fi-het": {nationalNumber, (*maker).hetu},
	"de-idn": {nationalNumber, (*maker).steuerID},
	"nl-bsn": {nationalNumber, (*maker).bsn},
	"fr-nir": {nationalNumber, (*maker).nir},
	"es-dni": {nationalNumber, (*maker).dni},
	"es-nie": {nationalNumber, (*maker).nie},
	"it-cf":  {nationalNumber, (*maker).codiceFiscale},
	"pl-pes": {nationalNumber, (*maker).pesel},
	"uk-nin": {nationalNumber, (*maker).nino},
	"uk-nhs": {nationalNumber, (*maker).nhs},
	"us-ssn": {nationalNumber, (*maker).ssn},
	"phone":  {phoneNumber, (*maker).phone},
	"tel-dk": {phoneNumber, func(m *maker) string { return one(m, []string{"2", "3", "4", "5", "6"}) + m.grouped("d ## ## ##") }},
	"tel-de": {phoneNumber, func(m *maker) string { return m.grouped("0151 #######") }},
	"tel-fr": {phoneNumber, func(m *maker) string { return m.grouped("06 ## ## ## ##") }},
	"tel-us": {phoneNumber, func(m *maker) string {
		return fmt.Sprintf("(%s) %s", one(m, []string{"212", "415", "617", "312"}), "5"+m.grouped("##-####"))
	}},
	"ga": {"user.device.cookie_id", func(m *maker) string {
		return "GA1." + one(m, []string{"1", "2"}) + "." + m.digits(9) + "." + m.epoch()
	}},
	"fbp":    {"user.device.cookie_id", func(m *maker) string { return "fb.1." + m.epoch() + m.digits(3) + "." + m.digits(10) }},
	"gclid":  {"user.unique_id", func(m *maker) string { return "Cj0KCQ" + m.letters(60, alphanum+"-_") }},
	"fbclid": {"user.unique_id", func(m *maker) string { return "IwAR" + m.letters(57, alphanum+"-_") }},
	"uuid":   {"user.unique_id", (*maker).uuid},
	"jwt":    {credentials, (*maker).jwt},
	"aws":    {credentials, func(m *maker) string { return "AKIA" + m.letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") }},
	"github": {credentials, func(m *maker) string { return m.checked(one(m, []string{"ghp_", "gho_", "ghs_"})) }},
	"npm":    {credentials, func(m *maker) string { return m.checked("npm_") }},
	"gitlab": {credentials, func(m *maker) string { return "glpat-" + m.letters(20, alphanum+"_-") }},
	"slack": {credentials, func(m *maker) string {
		return "xoxb-" + m.digits(12) + "-" + m.digits(13) + "-" + m.letters(24, alphanum)
	}},
	"stripe": {credentials, func(m *maker) string { return "sk_live_" + m.letters(24, alphanum) }},
	"google": {credentials, func(m *maker) string { return "AIza" + m.letters(35, alphanum+"-_") }},
	"pem": {credentials, func(m *maker) string {
		return `-----BEGIN PRIVATE KEY-----\n` + m.letters(64, alphanum+"+/") + `\n` + m.letters(63, alphanum+"+/") + `=\n-----END PRIVATE KEY-----`
	}},
	"basic": {credentials, func(m *maker) string {
		return base64.StdEncoding.EncodeToString([]byte(one(m, givenNames) + ":" + m.letters(11, alphanum)))
	}},
	"bearer": {credentials, func(m *maker) string { return m.letters(40, alphanum) }},
	"geo":    {"user.location.precise", func(m *maker) string { return fmt.Sprintf("%.5f, %.5f", 35+m.Float64()*30, -8+m.Float64()*30) }},
	"born":   {"user.demographic.date_of_birth", func(m *maker) string { return fmt.Sprintf("%d-%02d-%02d", 1935+m.IntN(75), 1+m.IntN(12), 1+m.IntN(28)) }},

	// What is nobody's.
	"order":   {"", func(m *maker) string { return m.digits(6 + m.IntN(12)) }},
	"badcard": {"", (*maker).badCard},
	"version": {"", func(m *maker) string { return fmt.Sprintf("%d.%d.%d", m.IntN(40), m.IntN(30), m.IntN(99)) }},
	"build": {"", func(m *maker) string {
		return fmt.Sprintf("%d.%d.%d.%d", 60+m.IntN(90), m.IntN(9), 1000+m.IntN(9000), 256+m.IntN(700))
	}},
	"epoch":  {"", (*maker).epoch},
	"millis": {"", func(m *maker) string { return m.epoch() + m.digits(3) }},
	"time": {"", func(m *maker) string {
		return fmt.Sprintf("2026-%02d-%02dT%02d:%02d:%02dZ", 1+m.IntN(12), 1+m.IntN(28), m.IntN(24), m.IntN(60), m.IntN(60))
	}},
	"clf": {"", func(m *maker) string {
		return fmt.Sprintf("%02d/Nov/2026:%02d:%02d:%02d +0100", 1+m.IntN(28), m.IntN(24), m.IntN(60), m.IntN(60))
	}},
	"sha":      {"", func(m *maker) string { return m.letters(40, hexDigits) }},
	"short":    {"", func(m *maker) string { return m.letters(7, hexDigits) }},
	"size":     {"", func(m *maker) string { return m.digits(1 + m.IntN(6)) }},
	"trace":    {"ignore", (*maker).uuid},
	"digest":   {"", func(m *maker) string { return m.letters(64, hexDigits) }},
	"upstream": {"ignore", (*maker).ip4},
	"name":     {"ignore", func(m *maker) string { return one(m, givenNames) }},
	"agent":    {"", (*maker).userAgent},
	"price":    {"", func(m *maker) string { return fmt.Sprintf("%d,%02d", 1+m.IntN(4000), m.IntN(100)) }},
	"file": {"", func(m *maker) string {
		return one(m, []string{"logo", "hero", "icon-home", "banner", "sprite"}) + one(m, []string{"@2x.png", "@3x.webp", "@2x.jpg", "@1.5x.png"})
	}},
}
