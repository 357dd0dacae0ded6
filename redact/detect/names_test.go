package detect

import (
	"strings"
	"testing"

	"weir/redact/category"
)

func TestNamesHaveTheirCategory(t *testing.T) {
	for want, list := range map[category.Key]string{
		category.Credentials:                                "Authorization proxy-authorization token access_token accessToken refresh_token id_token code state X-API-Key api_key apikey csrf csrf_token X-CSRF-Token xsrf-token x-auth-token X-Amz-Security-Token",
		"user.authorization.password":                       "password Password PASSWD pwd kodeord adgangskode newPassword kodeord_gentag password_confirm password2 user[password] old-password",
		"user.account.username":                             "username user_name userName brugernavn login user X-Forwarded-User",
		"user.unique_id":                                    "gclid fbclid msclkid user_id userId UserID uid customer_id customerId kundenr kunde-nr medlemsnr",
		"user.name":                                         "name navn full_name fullName customer_name customer[name] billing.name kontaktperson",
		"user.name.first":                                   "first_name firstName fornavn given-name customer[first_name] shippingFirstName",
		"user.name.last":                                    "last_name lastname efternavn surname family_name",
		category.Email:                                      "email e-mail E-Mail emailAddress email_address mail epost e-post user_email userEmail customer[email] customer%5Bemail%5D billing.email email2 email_confirm emails[0] login_hint contact[0][e_mail]",
		category.PhoneNumber:                                "phone telefon tlf mobil mobile phoneNumber phone_number telefonnummer contact_phone tlf_nr home-phone phone1",
		"user.contact.address":                              "address adresse customer_address billingAddress shipping_address addressLine1 address2 leveringsadresse home[address]",
		"user.contact.address.postal_code":                  "postnr zip zipcode zip_code postcode postal_code billing_zip",
		"user.contact.address.city":                         "by city town billing_city",
		"user.contact.address.country":                      "land country country_code shippingCountry",
		"user.government_id.national_identification_number": "cpr cpr_nr cprnr CPR-nummer personnummer ssn",
		"user.demographic.date_of_birth":                    "birth_date birthdate birthday dob fødselsdato f%C3%B8dselsdato FØDSELSDATO date_of_birth",
		category.IPAddress:                                  "ip client_ip clientIp X-Forwarded-For Forwarded X-Real-IP CF-Connecting-IP True-Client-IP X-Client-IP X-Cluster-Client-IP Fastly-Client-IP X-Original-Forwarded-For X-Envoy-External-Address CF-Pseudo-IPv4 X-Appengine-User-IP Fly-Client-IP X-Azure-ClientIP X-Azure-SocketIP Client-IP X-Forwarded Forwarded-For Remote-Addr Via uip CF-Connecting-IPv6 WL-Proxy-Client-IP",
		"user.location.precise":                             "lat lon lng latitude longitude store_lat",
		"user.device.device_id":                             "device_id deviceId X-Device-Id idfa gaid imei mac mac_address",
		"user.device.cookie_id":                             "sid session sessionid session_id JSESSIONID PHPSESSID connect.sid ASP.NET_SessionId _ga _gid cid laravel_session my_session",
		"user.device.cookie":                                "Cookie Set-Cookie",
		"user.device":                                       "User-Agent sec-ch-ua sec-ch-ua-platform Sec-CH-UA-Model",
		"user.behavior.browsing_history":                    "Referer dl dr redirect_uri return_to returnUrl",
		"user.behavior.search_history":                      "q query search s søg utm_term",
		"user.financial.credit_card":                        "card card_number cardNumber cc-number cvc kortnummer payment[card_number]",
		"user.financial.bank_account":                       "iban bic konto kontonummer",
		"user.behavior.purchase_history":                    "order_id orderId ordrenr fakturanr order",
		"user.privacy_preferences":                          "Sec-GPC DNT CookieConsent euconsent-v2",
		"user.professional_information.job_title":           "job_title jobTitle stilling",
		"user.professional_information.workplace":           "company firma virksomhed cvr",
		"user.content":                                      "filename message besked",
		"user.government_id.passport_number":                "passport pasnummer",
		"user.location.coarse":                              "cf-ipcountry X-AppEngine-Country timezone",
		"user.demographic.gender":                           "gender køn",
		"user.health":                                       "diagnose allergi",
		"user.contact.fax_number":                           "fax",
		"user.demographic.religious_belief":                 "religion",
		"user.government_id.drivers_license_number":         "kørekort",
	} {
		for name := range strings.FieldsSeq(list) {
			m, ok := Lookup([]byte(name))
			if !ok || m.Category != want || m.Harmless || m.Confidence < Possible || m.Confidence > 100 {
				t.Errorf("%s: %+v, want %q", name, m, want)
			}
		}
	}
}

func TestHarmlessNamesAreKnown(t *testing.T) {
	for name := range strings.FieldsSeq("page lang Accept accept-language Content-Type content_type limit sort utm_source X-Request-Id Host traceparent If-None-Match Cache-Control pageSize") {
		if m, ok := Lookup([]byte(name)); !ok || m.Category != "" || !m.Harmless || !m.Exact {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestOtherNamesAreNotTakenForKnownOnes(t *testing.T) {
	for name := range strings.FieldsSeq("standby baby by_size product_name page_name username2x filenames namespace hostname surnames_count status_code country_codes " +
		"p_age x-page x_theme P-a-g-e token_types session_timeout mailbox_count ipsum zipper description_html sort_state primaryKey xpage anna-jensen cardinal codec tide ship trip clip landing addressable 1234567890 - . [] æ") {
		m, ok := Lookup([]byte(name))
		if ok && (m.Exact || m.Category == "user.name" || m.Category == category.Credentials || m.Category == category.IPAddress || m.Category == "user.contact.address.city") {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestOnlyTheNameItselfMayBeWritten(t *testing.T) {
	for name, want := range map[string]struct {
		spelling string
		exact    bool
	}{
		"E-Mail":                            {"email", true},
		"X-API-KEY":                         {"api_key", true},
		"x-email":                           {"email", true},
		"anna_jensen_email":                 {"email", false},
		"anna@example.dk[email]":            {"email", false},
		"email_confirm":                     {"email", false},
		"email2":                            {"email", false},
		strings.Repeat("a", 200) + "_email": {"email", false},
		strings.Repeat("a_", 50) + "email":  {"email", false},
	} {
		m, ok := Lookup([]byte(name))
		folded := strings.NewReplacer("-", "", "_", "").Replace(m.Name)
		if !ok || m.Exact != want.exact || folded != strings.ReplaceAll(want.spelling, "_", "") {
			t.Errorf("%s: %+v", name, m)
		}
		if want.exact != (m.Confidence == NameKnown) {
			t.Errorf("%s: %d", name, m.Confidence)
		}
	}
}

func TestVocabularyKnowsItsOwnNames(t *testing.T) {
	n := 0
	for m := range BuiltIn().All() {
		n++
		got, ok := Lookup([]byte(m.Name))
		if !ok || got != m || got.Harmless != (got.Category == "") {
			t.Errorf("%s: %+v, want %+v", m.Name, got, m)
		}
	}
	if n < 1200 {
		t.Errorf("only %d names", n)
	}
}

func TestLookupAllocatesNothing(t *testing.T) {
	for _, name := range []string{"User-Agent", "customer[billing_email]", "some_unknown_parameter", strings.Repeat("aB_", 100)} {
		b := []byte(name)
		if n := testing.AllocsPerRun(20, func() { Lookup(b) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func FuzzLookup(f *testing.F) {
	for _, name := range []string{"", "email", "X-Forwarded-For", "a[b][c]", "%", "%4", "%41%C3%98", "\xc3", "HTTPServerAPIKey", strings.Repeat("a.", 200), strings.Repeat("A1", 200), "email_confirm2", "x"} {
		f.Add([]byte(name))
	}
	f.Fuzz(func(t *testing.T, name []byte) {
		m, ok := Lookup(name)
		if !ok {
			if m != (Match{}) {
				t.Fatalf("%q: %+v", name, m)
			}
			return
		}
		// A beginning, as _lo_ of _lo_uid, is known as nothing else.
		if again, ok := Lookup([]byte(m.Name)); !ok || !again.Exact && again != m || again.Category != m.Category || m.Harmless && !m.Exact {
			t.Fatalf("%q: %+v, its spelling %+v", name, m, again)
		}
	})
}
