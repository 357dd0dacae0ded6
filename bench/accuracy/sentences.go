package main

// sentences are templates by language. Numbers stand beside the words that people
// put there; half of them have no word for what they are.
var sentences = map[string][]string{
	"da": {
		"Skriv til {email} hvis pakken ikke er kommet.", "Min adresse er {email}, og jeg bor i Aarhus.", "Du kan ringe til mig på {tel-dk} efter klokken 16.",
		"Tlf. {tel-dk}, eller mail {email}", "Ring {phone} og spørg efter {name}.", "Kunden {name} har CPR-nummer {dk-cpr}.", "CPR: {dk-cpr}", "Mit cpr-nr. er {dk-cpr} og jeg venter på svar",
		"Kortnummer {card} blev afvist i går.", "Betal til {iban} senest fredag.", "Overfør beløbet til konto {iban}, mærket {order}.", "Vi så et login fra {ip4} i nat.",
		"Serveren {ip6} svarer ikke længere.", "Fødselsdato: {born}", "Hun er født {born} i Odense.", "Ordre {order} er sendt, beløb {price} kr.",
		"Telefonen har MAC-adressen {mac}.", "Mødet er på {geo} ved havnen.",
	},
	"sv": {
		"Mejla {email} så svarar vi inom en dag.", "Mitt personnummer är {se-pnr}.", "Personnr: {se-pnr}", "Ring mig på {phone} efter lunch.", "Kunden med personnummer {se-pnr} har flyttat.",
		"Kortet {card} gick inte igenom.", "Sätt in pengarna på {iban} tack.", "Inloggning från {ip4} klockan 03.12.", "Routern har MAC {mac}.", "Född {born} i Lund.",
		"Beställning {order} skickades {time}.", "Svara gärna till {email} eller {phone}.",
	},
	"no": {
		"Send en e-post til {email} om dette.", "Fødselsnummer: {no-fnr}", "Pasienten har fødselsnummer {no-fnr}.", "Ring {phone} hvis du trenger hjelp.", "Kortnummeret {card} er sperret.",
		"Betal til kontonummer {iban}.", "Forespørselen kom fra {ip4}.", "Ordrenummer {order} er på vei.", "Hun ble født {born} i Bergen.", "Kontakt {name} på {email} eller {phone}",
		"Fødselsnr. {no-fnr}, navn {name}",
	},
	"de": {
		"Bitte schreiben Sie an {email}.", "Meine Steuer-ID lautet {de-idn}.", "Steueridentifikationsnummer: {de-idn}", "Sie erreichen mich unter {phone}.", "Telefon: {tel-de}, abends auch {phone}",
		"Die Karte {card} wurde abgelehnt.", "Überweisen Sie auf {iban} bis Montag.", "IBAN {iban}, Verwendungszweck {order}", "Anmeldung von {ip4} um 3 Uhr.", "Der Rechner {ip6} ist nicht erreichbar.",
		"Geburtsdatum: {born}", "Bestellnummer {order} vom 3. Mai", "Das Gerät mit der MAC-Adresse {mac} ist gesperrt.", "Frau {name} ist am {born} geboren.",
	},
	"en": {
		"Please contact {email} for details.", "My email is {email} and my phone is {phone}.", "Call me at {tel-us} tomorrow.", "Her SSN is {us-ssn}.", "Social security number: {us-ssn}",
		"National Insurance number {uk-nin}", "NINO: {uk-nin}, name {name}", "NHS number: {uk-nhs}", "The patient's NHS number is {uk-nhs}.", "I paid with {card} last week.",
		"Card number {card}, expires soon", "Wire it to {iban} please.", "The request came from {ip4} at noon.", "Blocked {ip6} after ten failures.", "Her date of birth is {born}.",
		"Device {mac} joined the network.", "BSN {nl-bsn}", "His burgerservicenummer is {nl-bsn}.", "Codice fiscale {it-cf} was entered twice.", "The tax code {it-cf} is known.",
		"PESEL: {pl-pes}", "His PESEL number is {pl-pes}.", "Finnish id {fi-het} was checked.", "Henkilötunnus {fi-het}", "The key is {aws}, do not share it.", "export GITHUB_TOKEN={github}",
		"//registry.npmjs.org/:_authToken={npm}", "git clone https://oauth2:{gitlab}@gitlab.example.com/a/b.git", "SLACK_BOT_TOKEN={slack}", "Stripe secret {stripe} leaked in the log", "key={google}",
		"Token: {jwt}", "We met at {geo} by the pier.", "Your order {order} has shipped.", "Version {version} fixes this.", "{name} wrote to {email} from {ip4}; call back on {phone}.",
	},
	"fr": {
		"Écrivez à {email} pour plus de détails.", "Mon numéro est le {tel-fr}.", "Appelez le {phone} après 18 heures.", "Numéro de sécurité sociale : {fr-nir}", "NIR {fr-nir}",
		"La carte {card} a été refusée.", "Virement sur {iban} avant lundi.", "Connexion depuis {ip4} cette nuit.", "Née le {born} à Lyon.", "Date de naissance : {born}", "Commande {order} expédiée.",
		"Téléphone : {tel-fr}",
	},
	"es": {
		"Escriba a {email} si tiene dudas.", "Mi DNI es {es-dni}.", "DNI: {es-dni}", "NIE: {es-nie}", "Llámame al {phone} mañana.", "El NIE {es-nie} ya está registrado.", "La tarjeta {card} fue rechazada.",
		"Transferencia a {iban} hoy.", "Acceso desde {ip4} esta noche.", "Fecha de nacimiento: {born}", "Nacida el {born} en Sevilla.", "Pedido {order} enviado.",
	},
}
