package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"weir/policy/library"
)

// version is set when the binary is built.
var version = "unknown"

// globals are what every command is given.
type globals struct {
	stdout, stderr *os.File
}

type commands struct {
	Run     runCommand     `cmd:"" help:"Serve. SIGHUP reads the policy again, SIGTERM or Ctrl-C drains, a second one ends at once, SIGQUIT too and tells where everything stands."`
	Check   checkCommand   `cmd:"" help:"Validate both files and lint the policy."`
	Test    testCommand    `cmd:"" help:"Run the cases beside a policy: what is written, what leaves, what is promised."`
	Explain explainCommand `cmd:"" help:"One exchange: each field, what was found, which rule decided, what is written; verdict, promises, retention."`
	Diff    diffCommand    `cmd:"" help:"Two policies over the same traffic: what would newly leave, newly be written, newly be withheld; exit code 1 where something newly leaks."`
	Init    initCommand    `cmd:"" help:"Write a starter weir.yaml and policy.yaml, from the library or from what passed."`
	Schema  schemaCommand  `cmd:"" help:"Print the JSON Schema of policy.yaml, weir.yaml or a file of cases, for editors."`
	Demo    demoCommand    `cmd:"" help:"A small shop, its third parties and its visitors on loopback; needs no file."`
	Redact  redactCommand  `cmd:"" help:"Logs that other programs wrote, through the policy."`
	Logs    logsCommand    `cmd:"" help:"The log: status of each retention class."`
	Keys    keysCommand    `cmd:"" help:"The ring of pseudonym keys: init, status, rotate, shred, decrypt."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

func main() { os.Exit(run(os.Args[1:], &globals{os.Stdout, os.Stderr})) }

func run(args []string, g *globals) (code int) {
	var c commands
	exited := -1
	k, err := kong.New(&c, kong.Name("weir"),
		kong.Description("A logging proxy that gives nobody away."),
		kong.Writers(g.stdout, g.stderr), kong.UsageOnError(),
		kong.Vars{"policies": strings.Join(library.Names(), ", "), "policy": library.Default, "formats": redactFormats},
		kong.Exit(func(n int) { exited = n }))
	if err != nil {
		return report(g.stderr, fault(err))
	}
	bare := len(args) == 0
	if bare { // somebody who asks what there is
		args = []string{"--help"}
	}
	ctx, err := k.Parse(args)
	if bare {
		return 2
	}
	if exited >= 0 {
		return exited
	}
	if err != nil {
		return report(g.stderr, usage(errors.New(unsaid(err.Error(), args, k.Model)+"\nweir --help tells what there is")))
	}
	return report(g.stderr, ctx.Run(g))
}

// exit is an error that knows the command's exit code.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string { return e.err.Error() }
func (e *exit) Unwrap() error { return e.err }

// notSo: the thing checked is not so. usage: the command line or a file is
// wrong. fault: weir or its machine failed.
func notSo(err error) error { return &exit{1, err} }
func usage(err error) error { return &exit{2, err} }
func fault(err error) error { return &exit{3, err} }

func report(stderr io.Writer, err error) int {
	if err == nil {
		return 0
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(stderr, text)
	}
	var e *exit
	if errors.As(err, &e) {
		return e.code
	}
	return 3
}

type versionCommand struct{}

func (versionCommand) Run(g *globals) error {
	_, err := fmt.Fprintln(g.stdout, "weir", version)
	return err
}
