package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"weir/policy"
	"weir/policy/policytest"
	"weir/policy/source"
	"weir/proxy"
)

func schemaOf(t *testing.T, of string) *jsonschema.Schema {
	var text bytes.Buffer
	if err := writeSchema(&text, of); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(&text)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(of+".json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(of + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON is a YAML file as an editor sees it; ok is false where it is not YAML.
func asJSON(t *testing.T, data []byte) (v any, ok bool) {
	if err := yaml.Unmarshal(data, &v); err != nil {
		return nil, false
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, false
	}
	if v, err = jsonschema.UnmarshalJSON(bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return v, true
}

// ofShape are errors that a schema can find: of keys, kinds and forms, not of what values mean.
var ofShape = regexp.MustCompile(`: (unknown key |.*: expected (a list|a mapping|text|true or false|a whole number), found |"[a-z_]+" is missing|"[a-z_]+" cannot be "|.* is not a (duration|day|size)|.* is an expression;)`)

// betweenKeys are errors of shape that hang on other keys or on what is behind them.
var betweenKeys = regexp.MustCompile("`(when|holds|then)`: |\"(hosts|category)\" is missing")

func TestSchemasAcceptWhatIsReadAndRefuseWhatIsNot(t *testing.T) {
	schemas := map[string]*jsonschema.Schema{"policy": schemaOf(t, "policy"), "weir": schemaOf(t, "weir"), "cases": schemaOf(t, "cases")}
	accepted, refused := 0, 0
	walk := func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		of, readErr := readAs(path, data)
		v, ok := asJSON(t, data)
		if of == "" || !ok {
			return nil
		}
		judged := schemas[of].Validate(v)
		switch {
		case readErr == nil && judged != nil:
			t.Errorf("%s is read, and its schema refuses it: %v", path, judged)
		case readErr == nil:
			accepted++
		case judged != nil:
			refused++
		default:
			for line := range strings.Lines(readErr.Error()) {
				if strings.HasPrefix(line, path) && ofShape.MatchString(line) && !betweenKeys.MatchString(line) {
					t.Errorf("its schema accepts what is refused: %s", line)
				}
			}
		}
		return nil
	}
	if err := filepath.WalkDir("../..", walk); err != nil {
		t.Fatal(err)
	}
	if accepted < 30 || refused < 10 {
		t.Errorf("only %d files were accepted and %d refused", accepted, refused)
	}
}

// readAs reads a file as what it is: of is "" where it is none of weir's.
func readAs(path string, data []byte) (of string, err error) {
	root := source.Parse(path, data).Root()
	switch name := filepath.Base(path); {
	case root.Is("a list") && strings.HasSuffix(name, "cases.yaml"):
		_, err = policytest.ParseCases(path, data)
		return "cases", err
	case !root.Is("a mapping") || name == "law.yaml":
		return "", nil
	case root.Entries().Get("listen").Exists():
		_, err = proxy.ReadConfig(path)
		return "weir", err
	case root.Entries().Get("controller").Exists(), strings.Contains(path, "-refused"):
		_, err = policy.Parse(path, data)
		return "policy", err
	}
	return "", nil
}

func TestCommittedSchemasAreWhatIsPrinted(t *testing.T) {
	for _, of := range []string{"policy", "weir", "cases"} {
		var text bytes.Buffer
		if err := writeSchema(&text, of); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("schema", of+".json")
		if os.Getenv("WEIR_WRITE_SCHEMA") != "" {
			if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		committed, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(committed, text.Bytes()) {
			t.Errorf("%s is not what weir schema %s prints; WEIR_WRITE_SCHEMA=1 writes it: %v", path, of, err)
		}
	}
}
