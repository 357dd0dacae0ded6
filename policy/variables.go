package policy

import (
	"cel.dev/cel-go/cel"
)

// reads is a set of the variables that an expression reads.
type reads uint32

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
)

// What an expression may read and still be evaluated once for a place.
const readsStatic = readsPlace | readsName | readsKind | readsCategory | readsConfidence | readsService

// variable is one that rules can read, by its whole name: the environment is flat.
type variable struct {
	name string
	typ  *cel.Type
	bit  reads
	then bool // then may read it as well
}

var texts = cel.MapType(cel.StringType, cel.StringType)

func variables() []variable {
	return []variable{
		{"field.place", cel.StringType, readsPlace, true},
		{"field.name", cel.StringType, readsName, false},
		{"field.kind", cel.StringType, readsKind, true},
		{"field.category", cel.StringType, readsCategory, true},
		{"field.confidence", cel.DoubleType, readsConfidence, false},
		{"field.value", cel.StringType, readsValue, false},
		{"request.method", cel.StringType, readsMethod, false},
		{"request.scheme", cel.StringType, readsScheme, false},
		{"request.host", cel.StringType, readsHost, false},
		{"request.path", cel.StringType, readsPath, false},
		{"request.route", cel.StringType, readsRoute, true},
		{"request.header", texts, readsHeader, false},
		{"request.query", texts, readsQuery, false},
		{"request.cookie", texts, readsCookie, false},
		{"request.size", cel.IntType, readsRequestSize, false},
		{"request.tls", cel.StringType, readsTLS, false},
		{"response.status", cel.IntType, readsStatus, false},
		{"response.header", texts, readsResponseHeader, false},
		{"response.size", cel.IntType, readsResponseSize, false},
		{"response.duration", cel.DurationType, readsDuration, false},
		{"client.address", cel.StringType, readsClient, false},
		{"client.trusted", cel.BoolType, readsTrusted, false},
		{"service", cel.StringType, readsService, false},
		{"now", cel.TimestampType, readsNow, false},
	}
}

// laterVariables are those of the design that this version does not have.
var laterVariables = []string{"party", "flow", "consent", "cookie", "tenant"}
