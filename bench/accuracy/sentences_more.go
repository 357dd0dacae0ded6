package main

// moreSentences were written when the detectors knew all of sentences, to see
// how they do on others.
var moreSentences = map[string][]string{
	"da": {
		"Hej, I kan fange mig på {tel-dk} hele dagen, hilsen {name}", "Jeg har prøvet at ringe fra {phone} uden held.", "Borgeren {dk-cpr} søger om boligstøtte.", "Refusion sendes til {iban}, mvh. regnskab",
		"cc: {email}; bcc: {email}", "Dankortet ({card}) er spærret siden i mandags", "Adgang nægtet for {ip4}, prøv igen om {size} sekunder", "Født den {born}, bopæl Randers", "sagsnr. {order}, cpr {dk-cpr}",
	},
	"sv": {"Nås på {phone} dagtid.", "Kontakta {name}, pnr {se-pnr}, ang. ärende {order}", "Betala in på {iban} senast den 30:e", "E-post: {email}, tel: {phone}", "Patient {se-pnr} inkom {time}"},
	"no": {"Du når meg på {phone}, eller {email}.", "Bruker med fnr {no-fnr} er utmeldt.", "Trekk kortet {card} for {price} kr", "Logget inn fra {ip6} igjen", "Personnummer {no-fnr} finnes ikke i registeret"},
	"de": {"Rückruf bitte unter {phone} (Büro).", "Handy {tel-de}", "IdNr. {de-idn} laut Bescheid", "Erstattung auf das Konto {iban} veranlasst", "Kreditkarte {card}, gültig bis 12/29", "geb. {born} in Kiel", "Mail ging an {email} und {email} raus"},
	"en": {"You can reach her on {phone} or via {email}.", "text me: {tel-us}", "Applicant SSN {us-ssn} verified against {order}", "refund to card ending soon: {card}", "login failure for {email} from {ip6}", "ping {ip4} timed out", "api_key: {stripe}",
		"curl -H 'Authorization: Bearer {jwt}' https://api.example.com/", "aws configure set aws_access_key_id {aws}", "NI no. {uk-nin} on the payslip", "NHS No {uk-nhs} (confirmed)", "D.O.B. {born}", "born on {born} in Leeds", "ARP who-has tell {mac}",
		"coordinates {geo} marked on the map", "pat: {github}", "webhook posted by {slack}", "passport of {name}, phone {phone}"},
	"fr": {"Joignable au {phone} le matin.", "Mon portable : {tel-fr}", "N° de sécu {fr-nir}", "Remboursement sur le compte {iban}", "né le {born}", "carte bancaire {card} expirée", "courriel {email}, tél. {tel-fr}"},
	"es": {"Mi móvil es {phone}, gracias.", "con DNI {es-dni} y correo {email}", "número de tarjeta {card}", "cuenta {iban}", "nacido el {born}", "NIE n.º {es-nie}"},
}
