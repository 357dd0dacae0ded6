package detect

import "testing"

func TestSchemesAreReadInEitherCase(t *testing.T) {
	for _, scheme := range []string{"Bearer", "bearer", "BEARER", "BeArEr"} {
		isOneCredential(t, "sent "+scheme+" mF_9-B5f", "mF_9-B5f")
	}
	for _, scheme := range []string{"Basic", "basic", "BASIC"} {
		isOneCredential(t, scheme+" dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA==")
	}
}
