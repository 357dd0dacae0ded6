package detect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/redact/category"
)

// styles writes the words of a name in the ways of programs.
func styles(name string) []string {
	w := strings.Split(name, "_")
	camel, pascal := "", ""
	for i, word := range w {
		first, n := strings.ToUpper(word[:1]), 1
		if word[0] >= 0x80 {
			first, n = strings.ToUpper(word[:2]), 2
		}
		pascal += first + word[n:]
		if i == 0 {
			camel = word
		} else {
			camel += first + word[n:]
		}
	}
	return []string{name, strings.Join(w, "-"), strings.Join(w, "."), strings.Join(w, ""), camel, pascal, strings.ToUpper(name), strings.ToUpper(strings.Join(w, "-"))}
}

const (
	nationalNumber = "user.government_id.national_identification_number"
	birth          = "user.demographic.date_of_birth"
)

func TestNamesAreKnownInEachLanguageAndStyle(t *testing.T) {
	for language, table := range map[string]map[category.Key]string{
		"English": {
			category.Email: "email email_address contact_email work_email recovery_email", category.PhoneNumber: "phone_number mobile_no home_phone contact_number",
			"user.contact.address.postal_code": "zip_code postal_code", "user.contact.address.street": "street_name house_number", "user.name.first": "first_name given_name",
			nationalNumber: "national_insurance_number social_security_number nhs_number", birth: "date_of_birth birth_date", "user.health.medical_diagnosis": "diagnosis_code",
			"user.demographic.religious_belief": "religious_affiliation", "user.demographic.union_membership": "trade_union_membership", "user.health.genetic": "dna_sequence",
			"user.biometrics": "face_template", "user.financial": "annual_income", "user.device.device_id": "advertising_id android_id", "user.unique_id": "employee_number customer_ref loyalty_number",
			category.Credentials: "access_token client_secret reset_token", "user.authorization.password": "new_password passcode", "user.location.precise": "gps_lat current_location",
		},
		"Danish": {
			category.Email: "e_mailadresse", category.PhoneNumber: "telefonnummer mobil_nummer", "user.contact.address.postal_code": "post_nummer", "user.name.first": "fornavn",
			nationalNumber: "cpr_nummer", birth: "fødsels_dato", "user.health": "sygdom helbredsoplysninger", "user.demographic.union_membership": "fagforening", "user.financial": "årsindkomst",
		},
		"Swedish": {
			category.Email: "e_postadress mejl_adress", category.PhoneNumber: "telefon_nummer mobiltelefon", "user.contact.address.postal_code": "post_nummer", "user.name.first": "för_namn tilltalsnamn",
			"user.name.last": "efternamn", nationalNumber: "person_nummer samordnings_nummer", birth: "födelse_datum", "user.authorization.password": "lösen_ord", "user.unique_id": "kund_nummer",
			"user.demographic.political_opinion": "politisk_åsikt", "user.demographic.union_membership": "fack_förbund", "user.behavior.purchase_history": "beställnings_nummer",
		},
		"Norwegian": {
			category.Email: "epost e_postadresse", category.PhoneNumber: "mobil_telefonnummer", "user.contact.address.city": "post_sted", "user.name.last": "etter_navn",
			nationalNumber: "fødsels_nummer d_nummer", "user.demographic.gender": "kjønn", "user.authorization.password": "pass_ord", "user.health": "syk_dom helse_tilstand",
			"user.professional_information.workplace": "arbeids_giver", "user.financial": "års_inntekt",
		},
		"German": {
			category.Email: "e_mail_adresse", category.PhoneNumber: "telefon_nummer handy_nummer ruf_nummer", "user.contact.address.postal_code": "post_leitzahl plz", "user.contact.address.street": "straße hausnummer",
			"user.name.first": "vor_name", "user.name.last": "nach_name geburts_name", nationalNumber: "steuer_id steuer_identifikationsnummer", birth: "geburts_datum",
			"user.authorization.password": "kenn_wort", "user.unique_id": "kunden_nummer", "user.demographic.religious_belief": "konfession religions_zugehörigkeit", "user.demographic.union_membership": "gewerkschaft",
			"user.financial.credit_card": "kredit_karten_nummer", "user.financial.bank_account": "bank_leitzahl", "user.health": "kranken_kasse erkrankung",
		},
		"French": {
			category.Email: "courriel adresse_email", category.PhoneNumber: "numéro_de_téléphone téléphone_portable", "user.contact.address.postal_code": "code_postal", "user.name.first": "prénom",
			"user.name.last": "nom_de_famille", nationalNumber: "numéro_sécurité_sociale", birth: "date_de_naissance", "user.authorization.password": "mot_de_passe", "user.unique_id": "numéro_client",
			"user.demographic.sexual_orientation": "orientation_sexuelle", "user.demographic.political_opinion": "opinion_politique", "user.financial.credit_card": "carte_bancaire",
		},
		"Spanish": {
			category.Email: "correo_electrónico", category.PhoneNumber: "teléfono_móvil número_de_teléfono", "user.contact.address.postal_code": "código_postal", "user.name.last": "primer_apellido",
			nationalNumber: "dni nie número_seguridad_social", birth: "fecha_de_nacimiento", "user.authorization.password": "contraseña", "user.contact.address": "dirección_de_envío", "user.health": "estado_de_salud",
		},
		"Italian":  {nationalNumber: "codice_fiscale", birth: "data_di_nascita", category.PhoneNumber: "numero_di_telefono", "user.name.last": "cognome"},
		"Dutch":    {nationalNumber: "burger_service_nummer bsn", birth: "geboorte_datum", category.PhoneNumber: "telefoon_nummer", "user.name.last": "achter_naam", "user.authorization.password": "wacht_woord"},
		"Finnish":  {nationalNumber: "henkilö_tunnus", birth: "syntymä_aika", category.Email: "sähkö_posti", "user.name.last": "suku_nimi"},
		"Polish":   {nationalNumber: "numer_pesel", birth: "data_urodzenia", category.PhoneNumber: "numer_telefonu", "user.authorization.password": "hasło"},
		"Products": {"user.unique_id": "gclid fbclid msclkid ttclid dclid"},
	} {
		for want, list := range table {
			for name := range strings.FieldsSeq(list) {
				for _, style := range styles(name) {
					if m, ok := Lookup([]byte(style)); !ok || m.Category != want {
						t.Errorf("%s: %s is %q, want %q", language, style, m.Category, want)
					}
				}
				for _, other := range respelled(name) {
					if m, ok := Lookup([]byte(other)); !ok || m.Category != want {
						t.Errorf("%s: %s is %q, want %q", language, other, m.Category, want)
					}
				}
			}
		}
	}
}

func TestNamesBehindWordsForPeopleAreNames(t *testing.T) {
	for name, want := range map[string]category.Key{
		"customer_name": "user.name", "kund_namn": "user.name", "Kunde.Name": "user.name", "nombre_usuario": "user.account.username", "nombre_cliente": "user.name",
		"emergencyContactName": "user.name", "adresse_livraison": "user.contact.address", "klant_naam": "user.name", "guardian[name]": "user.name",
		"product_name": "", "hotel_address": "", "file_name_template": "", "rue_du_nom": "", "event_naam": "", "produkt_name": "",
	} {
		if m, _ := Lookup([]byte(name)); m.Category != want {
			t.Errorf("%s is %q, want %q", name, m.Category, want)
		}
	}
	if m, _ := Lookup([]byte("name")); m.Confidence != NameAmbiguous {
		t.Errorf("a name alone is known with %d", m.Confidence)
	}
}

func TestOrdinaryNamesHaveNoCategory(t *testing.T) {
	for name := range strings.FieldsSeq("id page limit sort filter type kind status format lang locale version width2 theme color total price currency sku quantity product_id variant category tags title description " +
		"created_at updated_at deleted_at count enabled visible success result data items html css js template layout rating stars stock weight height_mm depth_mm material brand image_url thumbnail slug position_index " +
		"retry_count max_age ttl interval timeout_ms queue topic partition shard replica cluster node_count zone_count bucket_name region_count build_number commit branch_name pipeline stage_name job_count " +
		"page_title menu_item nav_link button_label tooltip is_active has_more next_cursor row_count column_name table_name schema_name index_name metric_name event_name function_name variable_name class_name " +
		"namn_på_produkt produktname artikelnummer anzahl menge preis farbe größe menge_total quantité couleur taille cantidad precio tamaño segments platform_count test_case feature_flag experiment_name max_tokens health_status rps_limit csrf_token_lifetime cf_custom_1 mp_count wp_version sb_status at_least rl_burst amp_hours bm_score") {
		if m, ok := Lookup([]byte(name)); ok && m.Category != "" && m.Confidence > NameAmbiguous {
			t.Errorf("%s is taken for %s, by %s", name, m.Category, m.Name)
		}
	}
}

func TestNamesWithAnEndOfTheirOwnAreKnownByTheirBeginning(t *testing.T) {
	for name, want := range map[string]category.Key{
		"_ga_4XJ2K9Q1ZB": "user.device.cookie_id", "_hjSessionUser_1234567": "user.device.cookie_id", "wordpress_logged_in_0a1b2c": "user.device.cookie_id",
		"intercom-id-abc123": "user.device.cookie_id", "AMCV_1234%40AdobeOrg": "user.device.cookie_id", "incap_ses_123_456": "user.device.cookie_id",
		"ajs_anonymous_id": "user.device.cookie_id", "OptanonConsent": "user.privacy_preferences", "ASPSESSIONIDQQBCTABR": "user.device.cookie_id",
		"_pk_id.1.1fff": "user.device.cookie_id", "BIGipServer~pool": "user.device.cookie_id", "CookieConsentBulk": "",
	} {
		m, ok := Lookup([]byte(name))
		if m.Category != want || ok && m.Exact && !slices.Contains([]string{"ajs_anonymous_id", "optanonconsent"}, m.Name) {
			t.Errorf("%s: %+v, want %q", name, m, want)
		}
	}
	for i, p := range builtIn.prefixes {
		m, ok := Lookup([]byte(p.text + "x9"))
		if !ok || m.Category == "" || i > 0 && p.text <= builtIn.prefixes[i-1].text {
			t.Errorf("%s*: %+v", p.text, m)
		}
	}
}

func TestAListOfTheUsersGoesBeforeWeirs(t *testing.T) {
	v, wrong := ReadNames("# ours\n@person holding\nx.customer ~ kundenr debitor # and = more\nx.seat = sæde\n- = email_sent kunde_nr_antal\nuser.unique_id = _acme_*\n\n")
	if len(wrong) > 0 {
		t.Fatal(&wrong[0])
	}
	for name, want := range map[string]category.Key{
		"kundenr": "x.customer", "KundeNr": "x.customer", "invoice[debitor]": "x.customer", "saede": "x.seat", "email": category.Email, "holding_name": "user.name",
		"_acme_123": "user.unique_id", "kunde_nr": "x.customer", "email_sent": "", "_ga_1": "user.device.cookie_id", "fodselsdato": birth,
	} {
		m, ok := v.Lookup([]byte(name))
		if !ok || m.Category != want || m.Harmless != (want == "") {
			t.Errorf("%s: %+v, want %q", name, m, want)
		}
	}
	if m, ok := Lookup([]byte("debitor")); ok {
		t.Errorf("a list of the user's changed weir's own: %+v", m)
	}
	for m := range v.All() {
		if got, ok := v.Lookup([]byte(m.Name)); !ok || got != m || v.At(m.Number) != m {
			t.Errorf("%+v is found as %+v", m, got)
		}
	}
}

func TestAListOfNamesIsToldAllThatIsWrongWithIt(t *testing.T) {
	for list, want := range map[string]string{
		"user.uniqe_id = kundenr":          "1:1: unknown category \"user.uniqe_id\"; write instead: user.unique_id",
		"\n  x.customer kundenr":           "2:14: between the category and the names stands how a name has to match; write instead: one of = ? ~ p !",
		"x.customer":                       "1:1: between the category and the names stands how a name has to match; write instead: one of = ? ~ p !",
		"x.customer =":                     "1:12: there is no name in this line; write instead: names behind it, with blanks between them",
		"x.customer = KundeNr":             "1:14: names are in lower case here: case does not count; write instead: kundenr",
		"x.a = nr\nx.b = n_r":              "2:7: \"n_r\" is another spelling of a name that has x.a",
		"x.a = øl nr nr":                   "1:13: \"nr\" stands here for the second time, first in line 1",
		"- = utm_*":                        "1:5: a harmless name has no star: anybody can send a name that begins like that; write instead: the whole names",
		"x.a ~ acme_*":                     "1:7: a name with a star begins like that: '~' is for whole names; write instead: = or !",
		"x.a = a*":                         "1:7: at least 3 letters stand before a star",
		"x.a = a*b":                        "1:7: \"a*b\" is no name: a star stands only at its end, and escapes are decoded",
		"x.a = ---":                        "1:7: \"---\" has no letter or digit",
		"@people a":                        "1:1: unknown word \"@people\"; write instead: @person or @after",
		"x.a = " + strings.Repeat("a", 97): "1:7: a name is at most 96 bytes and 12 words",
		"x.a = b\n\xff":                    "2:1: this line is not UTF-8; write instead: the file in UTF-8",
		strings.Repeat("#\n", MaxNameList/2) + "#": fmt.Sprintf("1:1: this list is larger than %d bytes", MaxNameList),
	} {
		v, wrong := ReadNames(list)
		if v != nil || len(wrong) != 1 || wrong[0].Error() != want {
			t.Errorf("%.40q: %v, want %s", list, wrong, want)
		}
	}
	if _, wrong := ReadNames(strings.Repeat("x.a\n", 500)); len(wrong) != maxNameErrors {
		t.Errorf("%d errors", len(wrong))
	}
	var many strings.Builder
	for i := range maxNames + 1 {
		fmt.Fprintf(&many, "x.a = n%d\n", i)
	}
	if _, wrong := ReadNames(many.String()); len(wrong) != 1 || wrong[0].Line != maxNames+1 {
		t.Errorf("%d errors", len(wrong))
	}
}

func FuzzReadNames(f *testing.F) {
	for _, list := range []string{"", "x.a = b", "- = _ page\nuser.name p navn\n@person a\n@after b", "x.a = _acme_*", "x.a ~ ø æ å", nameList[:2000], "\xff", "x.a\t=\u00a0b"} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		v, wrong := ReadNames(list)
		if (v == nil) != (len(wrong) > 0) {
			t.Fatalf("%d errors", len(wrong))
		}
		for _, w := range wrong {
			if w.Line < 1 || w.Column < 1 || w.Line > 1+strings.Count(list, "\n") {
				t.Fatalf("%+v", w)
			}
		}
		if v == nil {
			return
		}
		for i := range min(v.Len(), 50) {
			m := v.At(i)
			if got, ok := v.Lookup([]byte(m.Name)); !ok || got != m {
				t.Fatalf("%+v is found as %+v", m, got)
			}
		}
	})
}
