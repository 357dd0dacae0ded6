package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"weir/redact/category"
)

// ignore is the category of spans that count neither way.
const ignore category.Key = "ignore"

// sample is one line of a corpus.
type sample struct {
	Text     string       `json:"text,omitempty"`
	Spans    []span       `json:"spans,omitempty"`
	Field    string       `json:"field,omitempty"`
	Value    string       `json:"value,omitempty"`
	Category category.Key `json:"category,omitempty"`
	Language string       `json:"language,omitempty"`
}

// span is a part of a text, in bytes. Kind says more closely what it is: the
// country of a number, the issuer of a key.
type span struct {
	Start    int          `json:"start"`
	End      int          `json:"end"`
	Category category.Key `json:"category"`
	Kind     string       `json:"kind,omitempty"`
}

// maxSample is the longest line of a corpus, in bytes.
const maxSample = 16 << 20

// read reads a corpus.
func read(r io.Reader) ([]sample, error) {
	var all []sample
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxSample)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var s sample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if err := s.validate(); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		all = append(all, s)
	}
	return all, lines.Err()
}

func (s *sample) validate() error {
	if s.Text != "" && s.Field != "" {
		return fmt.Errorf("a sample has a text or a field, not both")
	}
	for _, p := range s.Spans {
		if p.Start < 0 || p.End <= p.Start || p.End > len(s.Text) {
			return fmt.Errorf("span %d to %d is not within the text of %d bytes", p.Start, p.End, len(s.Text))
		}
		if err := known(p.Category); err != nil {
			return err
		}
	}
	if s.Category == "" {
		return nil
	}
	return known(s.Category)
}

func known(c category.Key) error {
	if c == ignore {
		return nil
	}
	_, err := category.Parse(string(c))
	return err
}
