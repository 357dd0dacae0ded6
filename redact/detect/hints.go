package detect

import (
	"strings"

	"weir/redact/category"
)

// hint is what the words before a value say of it.
type hint uint16

const (
	hintPhone hint = 1 << iota
	hintCard
	hintAccount
	hintNational
	hintBirth
	hintLocation
	hintCredentials
	hintDevice
	hintOther // it is something else: an order, a version, a size
)

// How far back from a value words are read.
const (
	hintBytes = 64
	hintWords = 5
)

// hintWordList holds the words that say what stands behind them, in the languages
// of names.txt and of the countries whose numbers are known. The nearest decides.
const hintWordList = `
phone phones telephone tel tlf tél tlph fono tfn handynr tlfnr telefon telefonnummer telefonnr telefonnumret mobil mobile mobiltelefon mobilnummer mobilnr cell cellphone call calling
  called ring ringe ringer ringede sms mms whatsapp signal viber fax telefax faxnummer rufnummer handynummer handy anrufen anruf téléphone portable appeler appelez
  teléfono telefono móvil movil celular llame llamar llámame gsm telefoon puhelin puh puhelinnumero matkapuhelin cellulare komórka telefonu hotline
  msisdn dial texted dialed reach ringa nummeret numéro erreichen erreichbar joindre telefonen telefoni mobilen ringt festnetz landline vakttelefon
card cards cardnumber creditcard kort kortet kortnr kortnummer kreditkort betalingskort bankkort betalkort visa mastercard amex dankort maestro diners discover carte karte
  kreditkarte kartennummer tarjeta kaart pan cc carta debitcard creditcardnumber kartennr
iban konto kontonr kontonummer bankkonto account bankverbindung kontoverbindung cuenta compte rekening conto rachunek
cpr cprnr cprnummer pnr borger borgeren borgers medborgare innbygger innbyggeren bürger citoyen ciudadano personnummer personnr personnummeret fødselsnummer fødselsnr fodselsnummer fnr dnummer hetu henkilötunnus henkilotunnus ssn social nino nhs nir insee sécurité sécu dni nie
  nif codice fiscale pesel bsn burgerservicenummer sofinummer steuer steuerid steueridentifikationsnummer steuernummer idnr identifikationsnummer tin taxpayer
  personal persnr samordningsnummer identitetsnummer idnummer national insurance identitet patient sygesikring sundhedskort personnumret fiscaal ahv svnr securite
birth born birthday birthdate dob fødselsdag fødselsdato fødselsdatoen født fødte foedt foedselsdato född födelsedatum födelsedag fødd geboren geburtsdatum geburtstag geb née né naissance
  nacido nacida nacimiento nato nata nascita geboortedatum syntynyt syntymäaika urodzony urodzona urodzenia
lat latitude lng lon long longitude latlng coordinates coordinate coords koordinater koordinaten gps position breddegrad længdegrad geo location
key keys token secret password passwd apikey bearer credential credentials nøgle hemmelighed schlüssel passwort clé clave adgangskode kodeord lösenord
idfa idfv gaid aaid adid advertising advertiser reklame annonce werbe publicitaire publicidad device deviceid udid enhed gerät appareil enhet
order orders beställning beställningen ordre ordrenr ordrenummer ordernummer bestilling bestellung bestellnummer commande pedido invoice faktura fakturanr rechnung rechnungsnummer facture factura tracking sporing
  sporingsnummer parcel pakke pakkenr version build commit sha hash revision rev isbn issn ean ean13 gtin sku barcode stregkode item vare varenr varenummer artikel artikelnummer product
  produkt request trace span session size bytes length offset port pid tid timestamp ts epoch time reference referencenr ticket sag sagsnr sagsnummer batch serial serienummer cvr cvrnr vat
  moms orgnr siret siren kvk ustid umsatzsteuer id ids uid guid count total amount price beløb pris sum seq sequence line job thread process duration elapsed ms ns ref refnr ärende saken arende dossier asunto verwendungszweck betreff meddelelse kode code created updated oprettet erstellt zip postnr plz
`

var hintLines = [...]hint{hintPhone, hintCard, hintAccount, hintNational, hintBirth, hintLocation, hintCredentials, hintDevice, hintOther}

// hintsOf is hintWordList, read once and never changed: a table of words by hash, each
// at the first free place behind its own.
var hintsOf = readHints(hintWordList)

const hintTable = 2048

type hintWord struct {
	word string
	hint hint
}

func readHints(list string) *[hintTable]hintWord {
	t := new([hintTable]hintWord)
	at := -1
	for line := range strings.Lines(strings.TrimPrefix(list, "\n")) {
		if line[0] != ' ' {
			at++
		}
		for _, word := range strings.Fields(line) {
			i := hashBytes(hashSeed, []byte(word)) % hintTable
			for t[i].word != "" && t[i].word != word {
				i = (i + 1) % hintTable
			}
			t[i] = hintWord{word, hintLines[at]}
		}
	}
	return t
}

func hintOfWord(word []byte) hint {
	i := hashBytes(hashSeed, word) % hintTable
	for t := hintsOf; t[i].word != ""; i = (i + 1) % hintTable {
		if t[i].word == string(word) {
			return t[i].hint
		}
	}
	return 0
}

const hashSeed = 14695981039346656037

// hashBytes is FNV-1a (RFC 9923).
func hashBytes(h uint64, b []byte) uint64 {
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// weakWord reports whether word is one of hintOther that often stands between another
// and its value: "patient id 1234", "card total".
func weakWord(word []byte) bool {
	switch string(word) {
	case "id", "ids", "uid", "time", "line", "count", "total", "sum", "amount", "price":
		return true
	}
	return false
}

// nameHints remembers what names said, by their hash: most texts have few names, and
// have them often. It holds nothing of a text.
type nameHints [64]struct {
	hash uint64
	hint hint
}

// hintOf returns what stands before group g, and remembers it.
func (d *figures) hintOf(t []byte, g int) hint {
	start := d.groups[g].start
	if d.nearOf != start {
		d.near, d.nearOf = d.names.before(t, start), start
	}
	return d.near
}

// before returns what the name before t[start:], as in name=value and "name":
// "value", or the words before it say. 0 is nothing.
func (n *nameHints) before(t []byte, start int) hint {
	low := max(0, start-hintBytes)
	i := start
	if i > 1 && t[i-1] == ' ' && (t[i-2] == '"' || t[i-2] == ']') {
		return 0 // the next column of a log
	}
	if h := n.name(t, start); h != 0 {
		return h
	}
	low = max(low, nameStart(t, low, start))
	var buf [32]byte
	weak, numbered := hint(0), false
	for range hintWords {
		for i > low && !isWordByte(t, i) {
			if t[i-1] == '\n' {
				return weak
			}
			i--
		}
		end := i
		for i > low && isWordByte(t, i) {
			i--
		}
		if i == low && low == start-hintBytes || end == i {
			return weak // a part of a word
		}
		if end-i > len(buf) {
			continue
		}
		word := buf[:copy(buf[:], t[i:end])]
		lowerWord(word)
		h := hintOfWord(word)
		if end-i == 1 && i > low+3 && word[0] == 'b' && (t[i-1] == '.' && t[i-3] == '.') && t[i-2]|0x20 == 'o' && t[i-4]|0x20 == 'd' {
			return hintBirth // D.O.B.
		}
		if numbered && string(word) == "ni" {
			return hintNational // NI no., NI number: by itself a word of many languages
		}
		numbered = string(word) == "no" || string(word) == "number"
		switch {
		case h == hintOther && weakWord(word):
			weak = h
		case h != 0:
			return h
		}
	}
	return weak
}

// nameStart returns where the name before start begins, where that is one of a form, a
// cookie or JSON: what stands before it says nothing of its value. It is 0 elsewhere, as
// in prose, where a colon has several words before it.
func nameStart(t []byte, low, start int) int {
	i := start
	for i > low && (t[i-1] == '"' || t[i-1] == '\'' || t[i-1] == ' ' || t[i-1] == '+' || t[i-1] == '(') {
		i--
	}
	if i < low+2 {
		return 0
	}
	switch {
	case t[i-1] == '=':
		for i--; i > low && t[i-1] == ' '; i-- {
		}
		for i > low && (isWordByte(t, i) || t[i-1] == '_' || t[i-1] == '-' || t[i-1] == '.' || t[i-1] == '[' || t[i-1] == ']') {
			i--
		}
		return i
	case t[i-1] == ':' && t[i-2] == '"':
		for i -= 2; i > low && t[i-1] != '"'; i-- {
		}
		return i
	}
	return 0
}

// isWordByte reports whether the byte before i is part of a word.
func isWordByte(t []byte, i int) bool { return isAlnum(t[i-1]) || t[i-1] >= 0x80 }

// lowerWord brings ASCII letters and the Latin ones of U+00C0 to U+00DE to lower case.
func lowerWord(b []byte) {
	for i, c := range b {
		if c >= 'A' && c <= 'Z' || i > 0 && b[i-1] == 0xC3 && c >= 0x80 && c <= 0x9E && c != 0x97 {
			b[i] = c | 0x20
		}
	}
}

// name returns what the vocabulary says of a name directly before start, with = or :
// between them.
func (n *nameHints) name(t []byte, start int) hint {
	low := max(0, start-hintBytes)
	i := start
	for i > low && (t[i-1] == '"' || t[i-1] == '\'' || t[i-1] == ' ' || t[i-1] == '+' || t[i-1] == '(') {
		i--
	}
	if i == low || t[i-1] != '=' && t[i-1] != ':' {
		return 0
	}
	i--
	for i > low && (t[i-1] == '"' || t[i-1] == '\'' || t[i-1] == ' ' || t[i-1] == '\\') {
		i--
	}
	end := i
	for i > low && (isWordByte(t, i) || t[i-1] == '_' || t[i-1] == '-') {
		i--
	}
	if i == end || i == low && low > 0 {
		return 0
	}
	hash := hashBytes(hashSeed, t[i:end])
	known := &n[hash%uint64(len(n))]
	if known.hash != hash {
		known.hash, known.hint = hash, 0
		if m, ok := Lookup(t[i:end]); ok && m.Confidence >= NameVariant {
			known.hint = hintByCategory(m)
		}
	}
	return known.hint
}

func hintByCategory(m Match) hint {
	switch c := m.Category; {
	case m.Harmless:
		return hintOther
	case c.Within(category.PhoneNumber), c.Within("user.contact.fax_number"):
		return hintPhone
	case c.Within(category.CreditCard):
		return hintCard
	case c.Within(category.BankAccount):
		return hintAccount
	case c.Within("user.government_id"), c.Within("user.health"):
		return hintNational
	case c.Within(category.DateOfBirth):
		return hintBirth
	case c.Within(category.PreciseLocation):
		return hintLocation
	case c.Within("user.authorization"):
		return hintCredentials
	case c.Within(category.DeviceID):
		return hintDevice
	case c.Within("user.behavior.purchase_history"):
		return hintOther
	}
	return 0
}
