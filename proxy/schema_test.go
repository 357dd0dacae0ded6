package proxy_test

import (
	"os"
	"path/filepath"
	"testing"

	"weir/proxy"
)

func TestTheSpecimenHasEveryKey(t *testing.T) {
	for _, path := range proxy.Shape().Unread() {
		t.Errorf("schema.yaml has no %s that the reader asks for", path)
	}
	path := filepath.Join(t.TempDir(), "weir.yaml")
	text, err := os.ReadFile("schema.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := proxy.ReadConfig(path); err != nil {
		t.Error(err)
	}
}
