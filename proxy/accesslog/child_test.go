package accesslog

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Some tests need a process of their own: one that can be killed, or whose
// limits and standard output are not the tests'. It is this binary, told by the
// environment which part to play.
const role, folder = "ACCESSLOG_TEST_ROLE", "ACCESSLOG_TEST_FOLDER"

var roles = map[string]func(dir string) error{
	"append until killed": appendUntilKilled,
	"append hastily":      appendHastily,
	"fill the disk":       fillTheDisk,
	"lose the reader":     loseTheReader,
}

func TestMain(m *testing.M) {
	play := roles[os.Getenv(role)]
	if play == nil {
		os.Exit(m.Run())
	}
	if err := play(os.Getenv(folder)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child is this binary in a part; what it says is logged when the test fails.
func child(t *testing.T, part, dir string) (*exec.Cmd, *strings.Builder) {
	t.Helper()
	if roles[part] == nil {
		t.Fatalf("no role %q", part)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), role+"="+part, folder+"="+dir)
	var said strings.Builder
	cmd.Stderr = &said
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(said.String())
		}
	})
	return cmd, &said
}
