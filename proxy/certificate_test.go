package proxy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/proxy"
)

// person is a client's certificate.
func (a *authority) person(subject pkix.Name, uri string) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: subject, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	if u, err := url.Parse(uri); err == nil && uri != "" {
		of.URIs = []*url.URL{u}
	}
	der, err := x509.CreateCertificate(rand.Reader, of, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// trusted writes the authority's own certificate.
func (a *authority) trusted(dir, name string) {
	a.t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

func mutual(up, more string) string {
	return head + fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q, tls: {cert: www.pem, key: www.key, clients: {ca: clients.pem%s}}}]\n", up, more)
}

const identities = policy + "redact:\n  - {name: machines, when: 'field.place == \"client.certificate\" && field.category == \"user.unique_id\"', then: keep()}\n"

var protocols = map[string]func(*http.Protocols){
	"HTTP/1.1": func(p *http.Protocols) { p.SetHTTP1(true) },
	"HTTP/2.0": func(p *http.Protocols) { p.SetHTTP2(true) },
}

func TestWhomAClientsCertificateNamesIsAField(t *testing.T) {
	ca, dir := newAuthority(t), t.TempDir()
	ca.issue(dir, "www.x.example")
	ca.trusted(dir, "clients.pem")
	up := echoes(t, "X-Any")
	billing := ca.person(pkix.Name{CommonName: "billing-7", Organization: []string{"Nordhost"}}, "spiffe://x.example/no")
	spiffe := ca.person(pkix.Name{}, "spiffe://x.example/billing")
	for name, c := range map[string]struct {
		policy string
		cert   tls.Certificate
		want   func(string) bool
	}{
		"kept":            {identities, billing, func(s string) bool { return s == "CN=billing-7,O=Nordhost" }},
		"without subject": {identities, spiffe, func(s string) bool { return s == "spiffe://x.example/billing" }},
		"hashed":          {strings.Replace(identities, "keep()", "hash()", 1), billing, func(s string) bool { return strings.HasPrefix(s, "h1.") }},
		"no rule":         {policy, billing, func(s string) bool { return s == "" }},
	} {
		t.Run(name, func(t *testing.T) {
			in := startIn(t, t.TempDir(), strings.NewReplacer("www.", dir+"/www.", "clients.pem", dir+"/clients.pem").Replace(mutual(up.URL, "")), c.policy)
			for proto, set := range protocols {
				web := client(t, in.Addr(0), set, &tls.Config{RootCAs: ca.roots, Certificates: []tls.Certificate{c.cert}})
				for range 2 {
					resp, err := web.Get("https://www.x.example/")
					if b := body(t, resp, err); b != "[]" || resp.Proto != proto {
						t.Errorf("%s %q", resp.Proto, b)
					}
					if e := in.next(); !c.want(e.text("client.certificate")) {
						t.Errorf("%s: %v", proto, e)
					}
				}
			}
		})
	}
}

// TestClientWithoutAGoodCertificateIsRefused in the handshake: nothing of it is
// told but that, and it gets no further.
func TestClientWithoutAGoodCertificateIsRefused(t *testing.T) {
	ca, stranger, dir := newAuthority(t), newAuthority(t), t.TempDir()
	ca.issue(dir, "www.x.example")
	ca.trusted(dir, "clients.pem")
	up := says(t, "hello")
	in := startIn(t, dir, mutual(up.URL, ""), identities)
	other := stranger.person(pkix.Name{CommonName: "canary-anna"}, "")
	for _, set := range protocols {
		for _, certs := range [][]tls.Certificate{nil, {other}} {
			cfg := &tls.Config{RootCAs: ca.roots, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				if len(certs) == 0 {
					return new(tls.Certificate), nil
				}
				return &certs[0], nil
			}}
			if resp, err := client(t, in.Addr(0), set, cfg).Get("https://www.x.example/"); err == nil {
				t.Errorf("answered %d", resp.StatusCode)
			}
		}
	}
	eventually(t, "four are told", func() bool {
		_, page := in.admin("/metrics")
		return strings.Contains(page, `reason="client_certificate"} 4`) || strings.Contains(page, `reason="client_certificate",`) && strings.Contains(page, "} 4\n")
	})
	said := in.said.String()
	if !strings.Contains(said, "client_certificate_refused") || !strings.Contains(said, "client_certificate_missing") || strings.Contains(said, "canary") {
		t.Error(said)
	}
	in.none()

	// Where none is required those who have none are served, and strangers are not.
	in.end()
	in = startIn(t, dir, mutual(up.URL, ", require: false"), identities)
	resp, err := client(t, in.Addr(0), protocols["HTTP/1.1"], &tls.Config{RootCAs: ca.roots}).Get("https://www.x.example/")
	if b := body(t, resp, err); b != "hello" {
		t.Errorf("%q", b)
	}
	if e := in.next(); e["client.certificate"] != nil {
		t.Errorf("%v", e)
	}
	forced := &tls.Config{RootCAs: ca.roots, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &other, nil }}
	if resp, err := client(t, in.Addr(0), protocols["HTTP/1.1"], forced).Get("https://www.x.example/"); err == nil {
		t.Errorf("answered %d", resp.StatusCode)
	}
}

// TestCertificatesAreReloadedWhenTheyChange follows a listener through a new
// certificate, a broken pair, and another authority for its clients.
func TestCertificatesAreReloadedWhenTheyChange(t *testing.T) {
	ca, dir := newAuthority(t), t.TempDir()
	ca.issue(dir, "www.x.example")
	ca.trusted(dir, "clients.pem")
	in := startIn(t, dir, mutual(says(t, "hello").URL, ", require: true"), identities)
	me := ca.person(pkix.Name{CommonName: "me"}, "")
	serial := func() string {
		c, err := tls.Dial("tcp", in.Addr(0), &tls.Config{RootCAs: ca.roots, ServerName: "www.x.example", Certificates: []tls.Certificate{me}})
		if err != nil {
			return "refused"
		}
		defer c.Close()
		return fmt.Sprintf("%x", c.ConnectionState().PeerCertificates[0].Signature)
	}
	first := serial()
	ca.issue(dir, "www.x.example")
	eventually(t, "the new certificate", func() bool { s := serial(); return s != first && s != "refused" })
	second := serial()

	in.write("www.key", "no key at all")
	eventually(t, "its refusal", func() bool { return strings.Contains(in.said.String(), "certificate_refused") })
	if serial() != second || in.ready() != 200 {
		t.Error("the last good one is not in use")
	}
	if _, page := in.admin("/metrics"); !strings.Contains(page, "weir_certificate_reloads_total{") || !strings.Contains(page, `result="failed"`) {
		t.Error(page)
	}

	// A client of the old authority, also one that has a ticket of its session.
	tickets := tls.NewLRUClientSessionCache(4)
	cfg := &tls.Config{RootCAs: ca.roots, Certificates: []tls.Certificate{me}, ClientSessionCache: tickets}
	ask := func() error {
		tr := &http.Transport{TLSClientConfig: cfg, DisableKeepAlives: true}
		resp, err := (&http.Client{Transport: &hosted{tr, in.Addr(0)}, Timeout: patience}).Get("https://www.x.example/")
		if err == nil {
			_ = body(t, resp, err)
		}
		return err
	}
	ca.issue(dir, "www.x.example")
	eventually(t, "a good pair again", func() bool { s := serial(); return s != second && s != "refused" })
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	newAuthority(t).trusted(dir, "clients.pem")
	eventually(t, "the refusal of the old authority's client", func() bool { return ask() != nil })
}

// hosted sends everything to one address.
type hosted struct {
	*http.Transport
	addr string
}

func (h *hosted) RoundTrip(r *http.Request) (*http.Response, error) {
	if h.Transport.TLSClientConfig.ServerName == "" {
		h.Transport.TLSClientConfig = h.Transport.TLSClientConfig.Clone()
		h.Transport.TLSClientConfig.ServerName = r.URL.Host
	}
	r = r.Clone(r.Context())
	r.URL.Host = h.addr
	return h.Transport.RoundTrip(r)
}

func TestFaultsOfClientsCertificatesAreLocated(t *testing.T) {
	ca, dir := newAuthority(t), t.TempDir()
	ca.issue(dir, "www.x.example")
	for config, want := range map[string]string{
		mutual("http://127.0.0.1:1", ""):                                                         `weir.yaml:6:105: cannot read `,
		strings.Replace(mutual("http://127.0.0.1:1", ""), "clients.pem", "www.key", 1):           "no authority in the file",
		strings.Replace(mutual("http://127.0.0.1:1", ""), "ca: clients.pem", "require: true", 1): `"ca" is missing`,
		mutual("http://127.0.0.1:1", ", verify: 1"):                                              `unknown key "verify"`,
	} {
		file := filepath.Join(dir, "weir.yaml")
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(policy), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := proxy.ReadConfig(file)
		if err == nil {
			_, err = cfg.Check()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %q", err, want)
		}
	}
}
