package detect

import (
	"testing"

	"weir/redact/category"
)

func TestAddressesBehindNamesAreFound(t *testing.T) {
	for _, text := range []string{
		"DESKTOP-AB12/203.0.113.77:5000", "login Anna/203.0.113.77 ok", "Client/203.0.113.77", "upstream redis 203.0.113.77 is down", "connected to nginx 203.0.113.77", "localhost/203.0.113.77",
		"Chrome/203.0.113.77", "from Windows 203.0.113.77", "Anna/203.0.113.77 (ok)", "Instagram 203.0.113.77", "Redis/203.0.113.77", "EDGE-IP/203.0.113.77",
	} {
		var s Scanner
		if found, _ := s.Scan([]byte(text)); len(found) != 1 || found[0].Category != category.IPAddress || string(found[0].Value) != "203.0.113.77" {
			t.Errorf("%s: %d findings", text, len(found))
		}
	}
	for text, want := range map[string]string{"Anna/2.104.5.6 ok": "2.104.5.6", "PC/10.1.2.3 (x)": "10.1.2.3", "Client/9.9.9.9": "9.9.9.9", "Edge/87.104.12.3": "87.104.12.3"} {
		var s Scanner
		if found, _ := s.Scan([]byte(text)); len(found) != 1 || string(found[0].Value) != want || found[0].Confidence != Possible {
			t.Errorf("%s: %d findings", text, len(found))
		}
	}
	for text, want := range map[string]string{
		"connected to nginx 1.27.3.1": "1.27.3.1", "upstream nginx 1.27.3.1 down": "1.27.3.1", "nginx 2.104.5.6": "2.104.5.6", "curl 9.9.9.9": "9.9.9.9", "anna 1.2.3.4 betaling": "1.2.3.4",
	} {
		var s Scanner
		if found, _ := s.Scan([]byte(text)); len(found) != 1 || string(found[0].Value) != want || found[0].Confidence != Certain {
			t.Errorf("%s: %d findings", text, len(found))
		}
	}
}

func TestVersionsAreNoAddresses(t *testing.T) {
	for _, text := range []string{
		"version 5.13.75.42", "Version 5.13.75.42", "ver. 5.13.75.42", "v 5.13.75.42", "v5.13.75.42", "release 5.13.75.42", "BUILD 5.13.75.42", "firmware 5.13.75.42",
		"Chrome/120.0.0.0", "x Chrome/91.0.4472.77", `"Chrome/9.0.172.77"`, "MyShop/5.2.1.4 (iPhone)", "openresty/1.21.4.1",
		"openssl 3.0.15, nginx 1.27.3.1 beta", "started OpenSSL 1.0.2.7", "shop 2.0.0.4-beta", "2.0.0.4 RC1",
	} {
		var s Scanner
		if found, _ := s.Scan([]byte(text)); len(found) != 0 {
			t.Errorf("%s: %s", text, found[0].Category)
		}
	}
}
