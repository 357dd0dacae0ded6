package detect

import (
	"bytes"
	"hash/crc32"
	"strings"

	"weir/redact/category"
)

// issued keys begin with letters that their issuers chose so that they are found.
// Of each there is the beginning, how many characters follow at least and at most, and
// which: h hexadecimal, u capitals and digits, w letters and digits, t also - and _.
// Those with dots in them are dottedSecret's.
// Source: the issuers' own documentation of their token formats.
const secretList = `
AKIA 16-16 u  ASIA 16-16 u  ABIA 16-16 u  ACCA 16-16 u  AIza 35-35 t  GOCSPX- 28-28 t
ghp_ 36-251 w  gho_ 36-251 w  ghu_ 36-251 w  ghs_ 36-251 t  ghr_ 36-251 w  github_pat_ 22-255 t
glpat- 20-300 t  gldt- 20-64 t  glrt- 20-64 t  glcbt- 20-64 t  glptt- 40-64 t  glft- 20-64 t  glimt- 20-64 t  glsoat- 20-64 t  glagent- 50-64 t  gloas- 64-64 h
xoxb- 16-255 t  xoxa- 16-255 t  xoxp- 16-255 t  xoxr- 16-255 t  xoxs- 16-255 t  xoxo- 16-255 t  xoxe- 16-255 t  xapp- 16-255 t
sk_live_ 16-255 w  sk_test_ 16-255 w  rk_live_ 16-255 w  rk_test_ 16-255 w  pk_live_ 16-255 w  pk_test_ 16-255 w  whsec_ 16-255 w
npm_ 36-36 w  pypi-AgE 50-255 t  rubygems_ 48-48 h  hf_ 30-40 w  dckr_pat_ 27-27 t  dckr_oat_ 27-32 t
dop_v1_ 64-64 h  doo_v1_ 64-64 h  dor_v1_ 64-64 h  shpat_ 32-32 h  shpca_ 32-32 h  shppa_ 32-32 h  shpss_ 32-32 h  shpua_ 32-32 h
sk-ant- 20-255 t  sk-proj- 20-255 t  sk-svcacct- 20-255 t  sk-admin- 20-255 t  sk-or-v1- 64-64 h  sk-lf- 36-36 t  sk- 32-64 w  gsk_ 40-64 w  r8_ 37-40 w  pplx- 40-64 w  xai- 60-90 w
SK 32-32 h  AC 32-32 h  key- 32-32 h  lin_api_ 32-48 w  secret_ 43-43 w  ntn_ 40-60 w  dapi 32-34 h  glsa_ 40-48 t  glc_ 32-255 t
sntrys_ 60-255 t  sntryu_ 64-64 h  sbp_ 40-40 h  nfp_ 36-48 w  xkeysib- 64-90 t  figd_ 40-48 t  CFPAT- 43-43 t  NRAK- 27-27 u  NRJS- 19-19 h  PMAK- 59-59 t
sq0atp- 22-22 t  sq0csp- 43-43 t  EAAA 60-60 t  EAACEdEose0cBA 20-255 w  ATATT3 60-255 t  ATCTT3 60-255 t  tfp_ 40-60 w  pscale_tkn_ 32-64 t  pscale_pw_ 32-64 t
AGE-SECRET-KEY-1 58-58 u  LTAI 12-26 w  AKID 32-40 w  rdme_ 70-72 w  shippo_live_ 40-40 h  shippo_test_ 40-40 h  fio-u- 40-70 t  duffel_live_ 40-50 t  pat_ 40-60 w
`

// secretForm is how an issuer's keys are written.
type secretForm struct {
	prefix      string
	least, most int
	letters     byte
}

// secretForms is secretList, read once and never changed, by the first two bytes.
var secretForms = func() (t [256][]secretForm) {
	f := strings.Fields(secretList)
	for ; len(f) >= 3; f = f[3:] {
		least, most, _ := strings.Cut(f[1], "-")
		at := secretHash(f[0][0], f[0][1])
		t[at] = append(t[at], secretForm{f[0], atoi(least), atoi(most), f[2][0]})
	}
	return t
}()

func secretHash(a, b byte) byte { return a*31 + b }

func atoi(s string) int {
	n := 0
	for _, c := range []byte(s) {
		n = n*10 + int(c-'0')
	}
	return n
}

// secret reports a run that is a key of an issuer's, or a credential by its name.
func (s *Scanner) secret(t []byte, start, end int) bool {
	run := t[start:end]
	switch {
	case s.issued(t, start, end):
		return true
	case s.dottedSecret(t, start, end):
		return true
	case bytes.HasPrefix(run, []byte("eyJ")):
		return false // a web token, or none
	case mailchimp(run):
		s.sole(t, start, end, category.Credentials, Certain)
		return true
	}
	return s.named(t, start, end)
}

// named reports a run that a name before it says is a credential.
func (s *Scanner) named(t []byte, start, end int) bool {
	from := start
	for from > 0 && start-from < 2*leastRun && sextet[t[from-1]] != notSextet {
		from--
	}
	if s.figures.names.name(t, from)&hintCredentials == 0 || !mixed(t[start:end]) {
		return false
	}
	s.sole(t, from, credentialEnd(t, end), category.Credentials, Likely)
	return true
}

// issued reports a run that is a key of an issuer's, by its beginning.
func (s *Scanner) issued(t []byte, start, end int) bool {
	run := t[start:end]
	forms := secretForms[secretHash(run[0], run[1])]
	for i := range forms {
		if forms[i].matches(run) {
			s.sole(t, start, end, category.Credentials, Certain)
			return true
		}
	}
	return false
}

func (f *secretForm) matches(run []byte) bool {
	rest := run[min(len(run), len(f.prefix)):]
	if len(rest) < f.least || len(rest) > f.most || string(run[:len(f.prefix)]) != f.prefix {
		return false
	}
	digits := 0
	for _, c := range rest {
		ok := isTokenByte(c)
		switch f.letters {
		case 'h':
			ok = isHex(c)
		case 'u':
			ok = isDigit(c) || c >= 'A' && c <= 'Z'
		case 'w':
			ok = isAlnum(c)
		}
		if !ok {
			return false
		}
		if isDigit(c) {
			digits++
		}
	}
	if f.prefix[0] == 'g' && len(f.prefix) == 4 && f.prefix[:2] == "gh" && len(rest) == 36 {
		return githubCheck(rest) || digits > 0
	}
	return digits > 0 || f.least < 32 || f.letters != 'w'
}

// dottedSecret reports keys of parts with dots between them, from the first long part:
// SendGrid's, Discord's, Google's, Vault's, and Telegram's, which has a colon.
func (s *Scanner) dottedSecret(t []byte, start, end int) bool {
	n := end - start
	from, to := start, end
	next := func(least, most int) bool {
		if to >= len(t) || t[to] != '.' {
			return false
		}
		stop := part(t, to+1)
		size := stop - to - 1
		to = stop
		return size >= least && size <= most
	}
	switch {
	case n == 22 && endsWith(t[:start], "SG.") && next(43, 43):
		from -= 3
	case n >= 24 && n <= 28 && (t[start] == 'M' || t[start] == 'N' || t[start] == 'O') && next(6, 7) && next(27, 40):
	case n == 35 && t[start] == 'A' && start > 8 && t[start-1] == ':' && isDigit(t[start-2]):
		for from--; from > 0 && isDigit(t[from-1]); from-- {
		}
		if size := start - 1 - from; size < 8 || size > 10 {
			return false
		}
	case n >= 20 && endsWith(t[:start], "ya29."):
		from -= 5
	case n >= 24 && (endsWith(t[:start], "hvs.") || endsWith(t[:start], "hvb.") || endsWith(t[:start], "hvr.")):
		from -= 4
	default:
		return false
	}
	if from > 0 && isTokenByte(t[from-1]) {
		return false
	}
	s.sole(t, from, to, category.Credentials, Certain)
	return true
}

// mailchimp reports whether run is 32 hexadecimal digits and a data centre.
func mailchimp(run []byte) bool {
	if len(run) < 36 || len(run) > 37 || string(run[32:35]) != "-us" || !isDigit(run[35]) || !isDigit(run[len(run)-1]) {
		return false
	}
	for _, c := range run[:32] {
		if !isHex(c) {
			return false
		}
	}
	return true
}

// githubCheck reports whether the last six of the 36 characters behind a GitHub
// token's beginning are the CRC-32 of the others in base 62.
func githubCheck(rest []byte) bool {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum := crc32.ChecksumIEEE(rest[:30])
	for i := 35; i >= 30; i-- {
		if rest[i] != digits[sum%62] {
			return false
		}
		sum /= 62
	}
	return true
}

// mixed reports whether run has both letters and digits, or both cases.
func mixed(run []byte) bool {
	var lower, upper, digit bool
	for _, c := range run {
		switch {
		case isDigit(c):
			digit = true
		case c >= 'A' && c <= 'Z':
			upper = true
		case c >= 'a':
			lower = true
		}
		if digit && (lower || upper) || lower && upper {
			return true
		}
	}
	return false
}

// credentialEnd goes on from end over what tokens are made of (RFC 9110's token68).
func credentialEnd(t []byte, end int) int {
	for end < len(t) && (isTokenByte(t[end]) || t[end] == '.' || t[end] == '~' || t[end] == '+' || t[end] == '/' || t[end] == '=') {
		end++
	}
	for end > 0 && t[end-1] == '.' {
		end--
	}
	return end
}
