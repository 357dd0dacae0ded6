package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "accuracy:", err)
			os.Exit(2)
		}
	}
}

// options are the command line.
type options struct {
	corpus, beside string
	misses, kinds  bool
	generate       int
	seed           uint64
	only           string
}

func run(args []string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("accuracy", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.corpus, "corpus", "", "judge the detectors by this corpus of JSON lines; - is standard input")
	flags.BoolVar(&o.misses, "misses", false, "print each miss and false hit with the text around it: for made-up corpora, never for real traffic")
	flags.BoolVar(&o.kinds, "kinds", false, "print the recall of each kind that the spans of the corpus name, such as a country's numbers")
	flags.StringVar(&o.beside, "beside", "", "judge another detector in the same run: alcatraz")
	flags.IntVar(&o.generate, "generate", 0, "write a corpus of so many samples, all made up, instead")
	flags.Uint64Var(&o.seed, "seed", 1, "of the generator: equal seeds give equal corpora")
	flags.StringVar(&o.only, "only", "", "generate only `sentences`, logs, json, forms, urls, hard, agents or fields")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0 || (o.corpus != "") == (o.generate > 0):
		return errors.New("say either --corpus FILE or --generate N")
	case o.beside != "" && o.beside != "alcatraz":
		return errors.New("beside weir stands only alcatraz; write --beside alcatraz")
	case o.generate > 0:
		return o.write(stdout)
	}
	return o.judge(stdout, stderr)
}

func (o *options) write(stdout io.Writer) error {
	out := bufio.NewWriter(stdout)
	if err := generate(out, o.generate, o.seed, o.only); err != nil {
		return err
	}
	return out.Flush()
}

func (o *options) judge(stdout, stderr io.Writer) error {
	in := io.Reader(os.Stdin)
	if o.corpus != "-" {
		f, err := os.Open(o.corpus)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	samples, err := read(in)
	if err != nil {
		return fmt.Errorf("%s: %w", o.corpus, err)
	}
	var w weir
	if err := o.show(stdout, "weir", samples, func(i int) []finding { return w.find(&samples[i]) }); err != nil {
		return err
	}
	if w.cut > 0 {
		fmt.Fprintf(stdout, "%d texts are longer, or hold more, than one scan looks at\n", w.cut)
	}
	if o.beside == "" {
		return nil
	}
	version, found, err := alcatraz(samples, stderr)
	if err != nil {
		return fmt.Errorf("alcatraz cannot be asked: %w", err)
	}
	for i := range samples {
		samples[i] = claimed(samples[i])
	}
	fmt.Fprintln(stdout)
	return o.show(stdout, "alcatraz "+version, samples, func(i int) []finding { return found[i] })
}

// show judges what a detector finds in each sample, and prints it.
func (o *options) show(stdout io.Writer, name string, samples []sample, find func(int) []finding) error {
	s := newScore()
	if o.misses {
		s.told = misses(stdout, name)
	}
	for i := range samples {
		s.add(&samples[i], find(i))
	}
	if err := s.table(stdout, name); err != nil {
		return err
	}
	if !o.kinds {
		return nil
	}
	fmt.Fprintln(stdout)
	return s.kindTable(stdout)
}
