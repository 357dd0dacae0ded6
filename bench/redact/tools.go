package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// tool is one way to redact the log, which it is given as its standard input.
type tool struct {
	name string
	args []string
}

// The patterns of sed, perl and Go, which mean the same in each: addresses and mail
// addresses wherever they stand, which is where weir finds them. The cookie comes last.
const (
	fourPattern   = `([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})\.[0-9]{1,3}`
	sixPattern    = `([0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}):[0-9a-f:]*:[0-9a-f:]*`
	mailPattern   = `[A-Za-z0-9._+-]+(@|%40)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`
	cookiePattern = `"[^"]*"$`
)

// rules is the policy that weir is given.
const rules = `controller: {name: Bench, country: DK, contact: bench@example.dk}
defaults: {retain: 30d}
redact:
  - {name: addresses, when: 'field.category.within("user.device.ip_address")', then: 'truncate(24, 48)'}
  - {name: mail, when: 'field.category.within("user.contact.email")', then: hash()}
  - {name: cookies, when: 'field.kind == "cookie"', then: drop()}
  - {name: browsers, when: 'field.category.within("user.device") && field.place == "request.header.user-agent"', then: keep()}
  - {name: pages, when: 'field.category in ["", "user.behavior.browsing_history"] && field.kind in ["header", "query"]', then: keep()}
`

// tools builds weir, and says how each is started. Those that are not there are
// left out.
func tools(dir string) ([]tool, error) {
	weir, policy := filepath.Join(dir, "weir"), filepath.Join(dir, "policy.yaml")
	if err := os.WriteFile(policy, []byte(rules), 0o600); err != nil {
		return nil, err
	}
	build := exec.Command("go", "build", "-o", weir, "./cmd/weir")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	format := `apache %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i" "%{Cookie}i"`
	all := []tool{{"weir redact", []string{weir, "redact", "--policy", policy, "--format", format, "--host", "www.nordhost.example", "--jobs", "1"}}}
	for _, t := range []tool{
		{"sed -E", []string{"sed", "-E", "s/" + fourPattern + `/\1.0/g; s/` + sixPattern + `/\1::/g; s/` + mailPattern + "/<email>/g; s/" + cookiePattern + `/"-"/`}},
		{"perl -p", []string{"perl", "-pe", "s/" + fourPattern + `/$1.0/g; s/` + sixPattern + `/$1::/g; s/` + mailPattern + "/<email>/g; s/" + cookiePattern + `/"-"/`}},
	} {
		if _, err := exec.LookPath(t.args[0]); err == nil {
			all = append(all, t)
		}
	}
	return append(all, tool{"Go regexp", []string{self, "-regexp"}}), nil
}

// byRegexp redacts standard input line by line.
func byRegexp(in io.Reader, out io.Writer) error {
	four, six := regexp.MustCompile(fourPattern), regexp.MustCompile(sixPattern)
	mail, cookie := regexp.MustCompile(mailPattern), regexp.MustCompile(cookiePattern)
	mac := hmac.New(sha256.New, make([]byte, 32))
	pseudonym := func(b []byte) []byte {
		mac.Reset()
		mac.Write(bytes.ToLower(b))
		return base64.RawURLEncoding.AppendEncode(nil, mac.Sum(nil)[:16])
	}
	s, w := bufio.NewScanner(in), bufio.NewWriterSize(out, 1<<20)
	for s.Scan() {
		line := four.ReplaceAll(s.Bytes(), []byte("$1.0"))
		line = six.ReplaceAll(line, []byte("$1::"))
		line = mail.ReplaceAllFunc(line, pseudonym)
		line = cookie.ReplaceAll(line, []byte(`"-"`))
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	return w.Flush()
}
