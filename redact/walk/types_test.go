package walk

import "testing"

func TestAMediaTypeSaysHowItIsWalked(t *testing.T) {
	for media, want := range map[string]form{
		"application/json": asJSON, "application/vnd.api+json": asJSON, "application/csp-report": asJSON, "application/geo+json-seq": asLines,
		"application/x-ndjson": asLines, "text/plain": asText, "text/csv": asText, "text/html": asMarkup, "application/soap+xml": asMarkup,
		"multipart/related": asParts, "application/grpc+proto": asFrames, "application/grpc+json": unknown, "application/octet-stream": unknown,
		"image/png": unknown, "json": unknown, "": unknown, "application/": unknown, "application/jsonx": unknown,
	} {
		if got := formOf(media); got != want {
			t.Errorf("%q is walked as %d", media, got)
		}
	}
}
