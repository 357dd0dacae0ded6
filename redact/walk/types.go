package walk

import (
	"mime"
	"strings"
)

// form is how the bytes of a media type are walked.
type form uint8

const (
	unknown form = iota
	asJSON
	asLines
	asGraphQL
	asForm
	asEvents
	asText
	asMarkup
	asScript
	asParts
	asMessage
	asFrames
	asWebFrames
	asWebText
)

// types are the media types that are walked, beside the suffixes +json and +xml,
// multipart/* and text/*.
var types = map[string]form{
	"application/json":                  asJSON,
	"application/jsonp":                 asScript,
	"application/csp-report":            asJSON,
	"application/x-amz-json-1.0":        asJSON,
	"application/x-amz-json-1.1":        asJSON,
	"application/x-ndjson":              asLines,
	"application/ndjson":                asLines,
	"application/jsonl":                 asLines,
	"application/x-jsonl":               asLines,
	"application/jsonlines":             asLines,
	"application/x-jsonlines":           asLines,
	"application/json-lines":            asLines,
	"application/json-seq":              asLines, // RFC 7464
	"application/graphql":               asGraphQL,
	"application/x-www-form-urlencoded": asForm,
	"text/event-stream":                 asEvents,
	"text/json":                         asJSON,
	"text/x-json":                       asJSON,
	"text/html":                         asMarkup,
	"text/xml":                          asMarkup,
	"application/xml":                   asMarkup,
	"text/css":                          asScript,
	"text/javascript":                   asScript,
	"application/javascript":            asScript,
	"application/x-javascript":          asScript,
	"application/ecmascript":            asScript,
	"application/protobuf":              asMessage,
	"application/x-protobuf":            asMessage,
	"application/proto":                 asMessage,
	"application/x-google-protobuf":     asMessage,
	"application/vnd.google.protobuf":   asMessage,
	"application/grpc":                  asFrames,
	"application/grpc+proto":            asFrames,
	"application/grpc+json":             unknown, // frames, not JSON
	"application/grpc-web":              asWebFrames,
	"application/grpc-web+proto":        asWebFrames,
	"application/grpc-web-text":         asWebText,
	"application/grpc-web-text+proto":   asWebText,
	"application/grpc-web+json":         unknown,
	"application/connect+json":          unknown,
}

func formOf(media string) form {
	if f, known := types[media]; known {
		return f
	}
	kind, sub, _ := strings.Cut(media, "/")
	switch {
	case strings.HasSuffix(sub, "+json"):
		return asJSON
	case strings.HasSuffix(sub, "+xml"):
		return asMarkup
	case strings.HasSuffix(sub, "+json-seq"):
		return asLines
	case kind == "multipart":
		return asParts
	case kind == "text":
		return asText
	}
	return unknown
}

// open makes the parser of a body or a part of one, of its Content-Type; other
// is the type where none is given.
func (o *outlet) open(contentType []byte, other string) (parser, Reason) {
	var params map[string]string
	f, known := types[string(contentType)]
	if !known {
		text := string(contentType)
		if text == "" {
			text = other
		}
		media, all, err := mime.ParseMediaType(text)
		if err != nil {
			return nil, UnknownType
		}
		f, params = formOf(media), all
	}
	switch f {
	case unknown:
		return nil, UnknownType
	case asParts:
		return newMultipart(o, params["boundary"])
	case asMessage:
		return newMessage(o, params), Scanned
	case asFrames:
		return newFramed(o), Scanned
	case asWebFrames, asWebText:
		return newWebFramed(o, f == asWebText), Scanned
	default:
		o.flows = o.flows || f == asEvents || f == asLines
		return newCharset(o, f, params["charset"])
	}
}

// text makes the parser of a form that is UTF-8.
func (o *outlet) text(f form) parser {
	switch f {
	case asJSON:
		return newJSON(o)
	case asLines:
		return newNDJSON(o)
	case asGraphQL:
		return newGraphQL(o)
	case asForm:
		return newForm(o)
	case asEvents:
		return newEvents(o)
	case asMarkup, asScript:
		return newMarkup(o, f)
	}
	return newText(o)
}
