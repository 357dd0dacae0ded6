package main

import "weir/redact/category"

// The carriers of values, as templates.

var logLines = []string{
	`{ip4} - - [{clf}] "GET /kurv?id={order} HTTP/1.1" 200 {size} "-" "{agent}"`,
	`{ip6} - - [{clf}] "POST /login HTTP/2.0" 302 {size} "https://www.example.dk/" "{agent}"`,
	`{ip4} - {name} [{clf}] "GET /nulstil?email={email%}&t={short} HTTP/1.1" 200 {size} "-" "{agent}"`,
	`{time} INFO auth: user {email} logged in from {ip4} (session {trace})`,
	`{time} WARN mail: bounce for {email}, code 550, queue {order}`,
	`Nov 22 10:02:11 mx1 postfix/smtp[{size}]: to=<{email}>, relay=mx.example.net[{ip4}]:25, delay=0.4, status=sent`,
	`Nov 22 10:02:11 gw sshd[{size}]: Accepted publickey for deploy from {ip4} port 52113 ssh2`,
	`{time} ERROR pay: card {card} declined, trace={trace}, took {size} ms`,
	`level=info ts={time} msg="callback" phone={phone} attempt=2 order={order}`,
	`dhcpd: DHCPACK on {lan} to {mac} via eth0`,
	`{epoch}.201 {size} {ip4} TCP_MISS/200 {size} GET http://cdn.example.com/{digest}.js - HIER_DIRECT/{upstream} text/javascript`,
	`Authorization: Bearer {bearer}`, `Authorization: Basic {basic}`, `Cookie: _ga={ga}; _fbp={fbp}; lang=da`, `Set-Cookie: session={jwt}; Path=/; HttpOnly`,
	`X-Forwarded-For: {ip4}, {ip6}`, `Authorization: Bearer {jwt}`, `Forwarded: for="[{ip6}]:4711";proto=https`, `From: {name} <{email}>`, `Reply-To: "{name}" <{email}>`, `X-Real-IP: {ip4}`,
	`{time} accept {ip4}:{port} -> backend:8080`, `kernel: wlan0: deauthenticated from {mac-dot} (reason 3)`, `{"level":"warn","msg":"rate limited","client":"{ip4-mapped}"}`,
	`{time} GET /confirm?u={email2} 200`, `{time} queue payload={email64} ok`,
}

var jsonTexts = []string{
	`{"user":{"email":"{email}","phone":"{phone}","id":{order}},"version":"{version}"}`,
	`{"event":"signup","at":"{time}","email":"{email}","ip":"{ip4}"}`,
	`{"payment":{"card":"{card}","amount":{size},"currency":"DKK"},"trace":"{trace}"}`,
	`{"iban":"{iban}","holder":"{name}","reference":"{order}"}`,
	`{"cpr":"{dk-cpr}","navn":"{name}","oprettet":{epoch}}`, `{"personnummer": "{se-pnr}", "ort": "Malmö"}`, `{"fodselsnummer":"{no-fnr}"}`, `{"hetu":"{fi-het}"}`, `{"bsn":"{nl-bsn}"}`, `{"ssn":"{us-ssn}"}`,
	`{"nhs_number":"{uk-nhs}"}`, `{"codice_fiscale":"{it-cf}"}`, `{"pesel":"{pl-pes}"}`, `{"steuer_id":"{de-idn}"}`, `{"nir":"{fr-nir}"}`, `{"dni":"{es-dni}"}`,
	`{"device":{"idfa":"{idfa}","mac":"{mac}","os":"ios"}}`, `{"birthdate":"{born}","country":"DK"}`, `{"lat_lng":"{geo}","accuracy":12}`,
	`{"secret":"{stripe}","created":{millis}}`, `{"aws_access_key_id":"{aws}"}`, `{"token":"{jwt}","expires":3600}`, `{"private_key":"{pem}"}`,
	`{"sha":"{sha}","build":{size},"digest":"sha256:{digest}"}`, `{"user_agent":"{agent}","ip":"{ip6}"}`, `{"user_uuid":"{uuid}","plan":"free"}`,
	`{"note":"call {phone} or mail {email}","ticket":{order}}`,
}

var forms = []string{
	"email={email%}&password=x&remember=1", "name={name}&phone={phone%}&zip=8000", "card={card%}&exp=12%2F29&amount={size}", "iban={iban%}&ref={order}", "cpr={dk-cpr}&accept=on",
	"q={version}&page=2", "to={email%}&cc={email%}&subject=hej", "birthday={born}&newsletter=1", "idfa={idfa}&event=open&ts={millis}", "tel={phone%}&kode={order}",
}

var urls = []string{
	"https://www.example.dk/tak?email={email%}&utm_source=nyhedsbrev", "https://www.example.com/?gclid={gclid}&utm_medium=cpc", "https://www.example.com/p/1?fbclid={fbclid}",
	"https://www.google-analytics.com/collect?v=1&t=pageview&uip={ip4}&z={order}", "https://api.example.com/v2/users/{email%}/orders?limit=20", "https://cdn.example.com/img/{file}?v={version}",
	"https://maps.googleapis.com/maps/api/geocode/json?key={google}", "https://api.example.com/v1/orders/{order}/lines/{size}", "https://www.example.com/static/{digest}/app.{short}.js",
	"https://pay.example.com/3ds?pan={card}&id={trace}", "https://www.example.com/invite?to={email%}&t={millis}", "mailto:{email}?subject=hej", "tel:{phone%}", "https://track.example.com/o?m={email64}&c={size}", "https://www.example.com/go?next=https%3A%2F%2Fshop.example.com%2F%3Fe%3D{email2}", "http://[{ip6}]:8080/metrics",
	"https://www.example.com/reset?token={jwt}", "https://api.example.com/v1/devices/{mac%}/state", "https://www.example.com/k/{uuid}?ref=mail", "http://{ip4}/status",
}

// hardOnes are what detectors have been seen to mistake.
var hardOnes = []string{
	"Order {order} from {time}, total {price} EUR", "ordrenummer {order}", "Bestellung {badcard} wurde storniert", "tracking number {order} at the depot", "commit {sha} by ci",
	"image {file} and {file}", "deployed {version} (build {build}) at {epoch}", "GET /v{version}/items/{order} took {size} ms", "checksum sha256:{digest}", "trace {trace} span {short}{short}",
	"background: url(/img/{file})", "timestamp={millis} offset={size}", "Chrome/{build} Safari/537.36", "npm i left-pad@{version} react@{version}", "@media (min-width: 768px) and (max-width: 1024px)",
	"ISBN 978-3-16-148410-0", "std::vector<int>::iterator it;", "12:34:56 and 2026-11-22 10:00", "EAN 5701234567899 on shelf {size}", "ticket #{order}: price {price}, qty {size}", "offset {millis} size {size} crc {short}",
	"rev {short}..{short}", "ratio 16:9, scale 1:50000", "page 12 of 345", "SELECT * FROM t WHERE id = {order} LIMIT 50", "pid {size} uid 1000 gid 1000", "frame 0x{short} at line {size}",
	"if a@ == b then @end", "v{version}-rc.1+{short}", "scp file user@:/tmp", "jar:{version}!/META-INF", "kernel 6.1.0-18-amd64 #1 SMP", "CVR 12345678", "matrix [1,2,3;4,5,6]", "docker pull redis@sha256:{digest}",
	"10.0.26100 is a Windows build", "openssl 3.0.15, nginx 1.27.3.1 beta", "invoice {order} due 2026-12-01", "part no. 4012-3456-78",
	"GTIN {order} / LOT {short}", "{time},{size},{size},{price}", "uptime 1234567 s, load 0.42 0.37 0.30", "cache hit ratio 0.98123456", "ETag: W/\"{size}-{short}{short}\"", "range bytes={size}-{millis}/{millis}",
	"max-age=31536000, stale-while-revalidate=86400", "pixel 2560x1440@1.25", "git@: permission denied", "mention @nordhost and #tag{size}", "CSS rgb(12 34 56 / 78%)", "sizes 1200x630 800x600", "zip 8000 Aarhus C",
	"semver ^{version} || ~{version}", "go1.26.8 linux/amd64 @ {version}", "window 1920 1080 24 1 0", "EXIF 2026:11:22 10:00:00", "rsid {short}-{short}", "lock {digest} held {size} ms", "faktura {order} forfalder 01-12-2026",
}

var fields = []struct {
	names    string
	value    string
	category category.Key
}{
	{"email e_mail eMail emailAddress email_address mail user-email contactEmail epost e-post correo courriel", "{email}", "user.contact.email"},
	{"phone phoneNumber phone_number mobile telefon telefonnummer mobilnummer tel telefono téléphone", "{phone}", phoneNumber},
	{"first_name firstName given_name fornavn förnamn vorname prenom nombre", "{name}", "user.name"},
	{"last_name lastName surname efternavn efternamn etternavn nachname apellido", "{name}", "user.name"},
	{"cpr cprnr cpr_nummer", "{dk-cpr}", nationalNumber}, {"personnummer person_nummer", "{se-pnr}", nationalNumber}, {"ssn social_security_number", "{us-ssn}", nationalNumber},
	{"password passwd pwd adgangskode passwort lösenord contraseña mot_de_passe", "hunter{size}", "user.authorization"},
	{"ip ip_address remote_addr clientIp client-ip", "{ip4}", "user.device.ip_address"},
	{"birthdate date_of_birth dob foedselsdato födelsedatum geburtsdatum fecha_nacimiento date_naissance", "{born}", "user.demographic.date_of_birth"},
	{"card_number cardNumber kortnummer kreditkartennummer", "{card}", "user.financial.credit_card"}, {"iban IBAN", "{iban}", "user.financial.bank_account"},
	{"_ga", "{ga}", "user.device.cookie_id"}, {"_fbp", "{fbp}", "user.device.cookie_id"}, {"PHPSESSID JSESSIONID connect.sid sessionid session_id", "{short}{short}{short}", "user"},
	{"gender køn kön geschlecht sexe", "f", "user.demographic.gender"}, {"zip postal_code postnummer plz code_postal", "8000", "user.contact"},
	{"street address adresse adress dirección", "Nørregade 4", "user.contact.address"}, {"lat latitude", "55.676", "user.location"}, {"religion", "none", "user.demographic"},
	{"page limit offset sort lang locale currency format version theme color", "{size}", ""},
	{"content-type accept cache-control etag content-length", "x", ""}, {"total quantity price sku product_id", "{size}", ""},
}
