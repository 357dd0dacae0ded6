package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNoUsageErrorRepeatsAnArgument(t *testing.T) {
	const secret = "kanariefugl"
	for _, value := range []string{secret, "-" + secret, "--" + secret, "--" + secret + "=1", "-203.0.113.77", "203.0.113.77", secret + "@example.dk", "-" + secret + "@example.dk",
		"--" + secret + "\n", "-æ" + secret, "2001:db8::77", "--prefix=" + secret, "--jobs=" + secret, "--epoch=" + secret, "--verbose=" + secret, "--format=" + secret} {
		for _, command := range []string{"keys decrypt", "keys decrypt --class", "keys decrypt --class 30d --epoch 2126-11-22 --service www", "keys decrypt --prefix", "keys status", "keys shred", "keys",
			"check", "run", "redact --jobs", "redact --in-place --jobs", "redact --format", "version", ""} {
			dir := t.TempDir()
			out, err := os.Create(filepath.Join(dir, "out"))
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(dir)
			code := run(append(strings.Fields(command), value), &globals{out, out})
			out.Close()
			text, err := os.ReadFile(out.Name())
			if err != nil {
				t.Fatal(err)
			}
			said := string(text)
			if strings.HasPrefix(command, "redact") || command == "check" || command == "run" {
				if !strings.Contains(said, "weir --help") {
					continue // the name of a file, as it was given
				}
			}
			if code == 0 || strings.Contains(said, secret[2:]) || strings.Contains(said, "0.113") || strings.Contains(said, "db8") || strings.Contains(said, "-2 ") || strings.Contains(said, `"-2"`) {
				t.Errorf("weir %s %q ended with %d: %s", command, value, code, said)
			}
		}
	}
}

func TestAMisspeltFlagIsToldByWhatItWasMeantToBe(t *testing.T) {
	dir := t.TempDir()
	out, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if code := run([]string{"check", "--confg", "x"}, &globals{out, out}); code != 2 {
		t.Error(code)
	}
	text, err := os.ReadFile(out.Name())
	if want := `unknown flag …, did you mean "--config"? (argument 2)`; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("%s, %v", text, err)
	}
}
