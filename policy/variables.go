package policy

import (
	"cel.dev/cel-go/cel"
)

// reads is a set of the variables that an expression reads.
type reads uint64

const (
	readsPlace reads = 1 << iota
	readsName
	readsKind
	readsCategory
	readsConfidence
	readsValue
	readsMethod
	readsScheme
	readsHost
	readsPath
	readsRoute
	readsHeader
	readsQuery
	readsCookie
	readsRequestSize
	readsTLS
	readsStatus
	readsResponseHeader
	readsResponseSize
	readsDuration
	readsClient
	readsTrusted
	readsService
	readsNow
	readsParty     // what is the same for every flow to one use
	readsPartyName // the same for every flow to a declared use
	readsLaw       // what depends on the flow's time
	readsDirection
	readsVisibility
	readsFlow // categories
	readsConsent
	readsSetCookie
	readsTenant
	readsWritten
	readsRetention
)

// What an expression may read and still be evaluated once for a place.
const readsStatic = readsPlace | readsName | readsKind | readsCategory | readsConfidence | readsService

// sectionSet is a set of sections whose expressions have a variable or a function.
type sectionSet uint8

const (
	inRedact sectionSet = 1 << iota
	inEgress
	inRespond
	inRetain
	inPromises
	inTenant

	inAll     = inRedact | inEgress | inRespond | inRetain | inPromises | inTenant
	inFlows   = inEgress | inRespond | inRetain | inPromises
	inJudged  = inEgress | inRespond | inPromises            // where it is known what was found
	inAnswers = inRedact | inRespond | inRetain | inPromises // where the response is known
)

// variable is one that rules can read, by its whole name: the environment is flat.
// A name that begins with "@" can not be written; functions such as flow.carries()
// are asked of it.
type variable struct {
	name string
	typ  *cel.Type
	bit  reads
	in   sectionSet
	then bool // then may read it as well
}

var (
	texts     = cel.MapType(cel.StringType, cel.StringType)
	textsList = cel.ListType(cel.StringType)
)

func variables() []variable {
	return []variable{
		{"field.place", cel.StringType, readsPlace, inRedact, true},
		{"field.name", cel.StringType, readsName, inRedact, false},
		{"field.kind", cel.StringType, readsKind, inRedact, true},
		{"field.category", cel.StringType, readsCategory, inRedact, true},
		{"field.confidence", cel.DoubleType, readsConfidence, inRedact, false},
		{"field.value", cel.StringType, readsValue, inRedact, false},
		{"request.method", cel.StringType, readsMethod, inAll, false},
		{"request.scheme", cel.StringType, readsScheme, inAll, false},
		{"request.host", cel.StringType, readsHost, inAll, false},
		{"request.path", cel.StringType, readsPath, inAll, false},
		{"request.route", cel.StringType, readsRoute, inAll, true},
		{"request.header", texts, readsHeader, inAll, false},
		{"request.query", texts, readsQuery, inAll, false},
		{"request.cookie", texts, readsCookie, inAll, false},
		{"request.size", cel.IntType, readsRequestSize, inAll, false},
		{"request.tls", cel.StringType, readsTLS, inAll, false},
		{"response.status", cel.IntType, readsStatus, inAnswers, false},
		{"response.header", texts, readsResponseHeader, inAnswers, false},
		{"response.size", cel.IntType, readsResponseSize, inAnswers, false},
		{"response.duration", cel.DurationType, readsDuration, inAnswers, false},
		{"client.address", cel.StringType, readsClient, inAll, false},
		{"client.trusted", cel.BoolType, readsTrusted, inAll, false},
		{"party.id", cel.StringType, readsParty, inFlows, true},
		{"party.use", cel.StringType, readsParty, inFlows, true},
		{"party.name", cel.StringType, readsPartyName, inFlows, true},
		{"party.country", cel.StringType, readsPartyName, inFlows, true},
		{"party.role", cel.StringType, readsParty, inFlows, true},
		{"party.basis", cel.StringType, readsParty, inFlows, true},
		{"party.purposes", textsList, readsParty, inFlows, true},
		{"party.categories", textsList, readsParty, inFlows, true},
		{"party.safeguard", textsList, readsParty, inFlows, true},
		{"party.agreement", cel.StringType, readsLaw, inFlows, true},
		{"party.declared", cel.BoolType, readsParty, inFlows, true},
		{"party.adequate", cel.BoolType, readsLaw, inFlows, true},
		{"party.source", cel.StringType, readsPartyName, inFlows, true},
		{"flow.direction", cel.StringType, readsDirection, inFlows, false},
		{"flow.visibility", cel.StringType, readsVisibility, inFlows, false},
		{"flow.categories", textsList, readsFlow, inJudged, true},
		{"flow.excess", textsList, readsFlow, inJudged, true},
		{"@flow", flowType, readsFlow, inJudged, true},
		{"@law", lawType, readsLaw, inFlows, false},
		{"consent.gpc", cel.BoolType, readsConsent, inFlows, false},
		{"consent.dnt", cel.BoolType, readsConsent, inFlows, false},
		{"@consent", consentType, readsConsent, inFlows, false},
		{"cookie.name", cel.StringType, readsSetCookie, inRespond, false},
		{"cookie.declared", cel.BoolType, readsSetCookie, inRespond, false},
		{"cookie.party", cel.StringType, readsSetCookie, inRespond, true},
		{"cookie.purposes", textsList, readsSetCookie, inRespond, true},
		{"cookie.max_age", cel.DurationType, readsSetCookie, inRespond, false},
		{"cookie.session", cel.BoolType, readsSetCookie, inRespond, false},
		{"cookie.limit", cel.DurationType, readsSetCookie, inRespond, true},
		{"cookie.domain", cel.StringType, readsSetCookie, inRespond, false},
		{"@written", writtenType, readsWritten, inPromises, false},
		{"retain.keep", cel.DurationType, readsRetention, inPromises, false},
		{"tenant", cel.StringType, readsTenant, inFlows, false},
		{"service", cel.StringType, readsService, inAll, false},
		{"now", cel.TimestampType, readsNow, inAll, false},
	}
}
