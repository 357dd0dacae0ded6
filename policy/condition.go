package policy

import (
	"strconv"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// truth is what a condition comes to.
type truth uint8

const (
	no     truth = iota
	yes          // true
	failed       // it could not be evaluated
	unseen       // it asks for what was not seen
	open         // not known before run time
)

// operator is what a node of a condition does with those below it.
type operator uint8

const (
	isAtom operator = iota
	isNot
	isAnd
	isOr
	isChoice // ? :
	isFixed
)

// condition is a `when`, taken apart along its logic. It is immutable.
type condition struct {
	op    operator
	atom  *atom
	fixed truth // of isFixed: anything but open
	below []*condition
}

// atom is a part of a condition that is evaluated as a whole.
type atom struct {
	id      int
	reads   reads
	program cel.Program
	// compared is set where the atom is a text variable beside a constant, by == or !=:
	// then it is asked without the program.
	compared *compared
}

// compared is a text variable beside a constant text.
type compared struct {
	variable, constant string
	unlike             bool
}

// comparison is what n compares, nil where it is anything else.
func (x *expression) comparison(n celast.Expr) *compared {
	if n.Kind() != celast.CallKind {
		return nil
	}
	name := n.AsCall().FunctionName()
	if name != equals && name != unlike {
		return nil
	}
	sides := n.AsCall().Args()
	for i, side := range sides {
		variable := x.variable(side)
		text, ok := constant(sides[1-i])
		if ok && variable != "" && x.in.variables[variable].typ.IsExactType(cel.StringType) {
			return &compared{variable, text, name == unlike}
		}
	}
	return nil
}

// truth compares the variable's value in vars; ok is false where the program has to.
func (c *compared) truth(vars cel.Activation) (t truth, ok bool) {
	got, _ := vars.ResolveName(c.variable)
	switch text := got.(type) {
	case types.String:
		return truthOf((string(text) == c.constant) != c.unlike), true
	case *types.Unknown:
		return unseen, true
	}
	return open, false
}

// atoms numbers the atoms of a policy. Where known is set, those that are written equal
// are one.
type atoms struct {
	count int
	known map[string]*atom
}

// take takes an expression apart. The error is that of CEL's planner.
func (a *atoms) take(x *expression, n celast.Expr) (*condition, error) {
	if n.Kind() == celast.LiteralKind {
		if b, ok := n.AsLiteral().(types.Bool); ok {
			return settled(truthOf(bool(b))), nil
		}
	}
	if n.Kind() == celast.CallKind {
		op, found := map[string]operator{and: isAnd, or: isOr, not: isNot, ternary: isChoice}[n.AsCall().FunctionName()]
		if found {
			c := &condition{op: op}
			for _, arg := range n.AsCall().Args() {
				below, err := a.take(x, arg)
				if err != nil {
					return nil, err
				}
				c.below = append(c.below, below)
			}
			return c, nil
		}
	}
	text := ""
	if a.known != nil {
		text = x.written(n)
		if again := a.known[text]; again != nil {
			return &condition{op: isAtom, atom: again}, nil
		}
	}
	program, err := x.part(n)
	if err != nil {
		return nil, err
	}
	a.count++
	made := &atom{id: a.count, reads: x.readsOf(n), program: program, compared: x.comparison(n)}
	if a.known != nil {
		a.known[text] = made
	}
	return &condition{op: isAtom, atom: made}, nil
}

// The settled conditions are never changed.
var settledConditions = [...]*condition{no: {op: isFixed, fixed: no}, yes: {op: isFixed, fixed: yes}, failed: {op: isFixed, fixed: failed},
	unseen: {op: isFixed, fixed: unseen}}

func settled(t truth) *condition { return settledConditions[t] }

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// evaluator tells what an atom comes to; open leaves it for later.
type evaluator interface {
	atom(*atom) truth
}

// truth evaluates c. As in CEL a false side of && and a true side of || decide,
// even beside one that failed or is open.
func (c *condition) truth(e evaluator) truth {
	switch c.op {
	case isFixed:
		return c.fixed
	case isAtom:
		return e.atom(c.atom)
	case isNot:
		return negate(c.below[0].truth(e))
	case isChoice:
		switch t := c.below[0].truth(e); t {
		case yes:
			return c.below[1].truth(e)
		case no:
			return c.below[2].truth(e)
		default:
			return t
		}
	}
	decides := no
	if c.op == isOr {
		decides = yes
	}
	result := negate(decides)
	for _, b := range c.below {
		switch t := b.truth(e); t {
		case decides:
			return decides
		case failed, unseen, open:
			// Open beats the others: it may yet decide. So does, to CEL, what was not seen.
			result = max(result, t)
		}
	}
	return result
}

func negate(t truth) truth {
	switch t {
	case yes:
		return no
	case no:
		return yes
	}
	return t
}

// residual is what is left of c where e knows some atoms: c itself where it
// knows none, a settled condition where nothing is left.
func (c *condition) residual(e evaluator) *condition {
	switch c.op {
	case isFixed:
		return c
	case isAtom:
		if t := e.atom(c.atom); t != open {
			return settled(t)
		}
		return c
	case isNot:
		b := c.below[0].residual(e)
		if b.op == isFixed {
			return settled(negate(b.fixed))
		}
		return &condition{op: isNot, below: []*condition{b}}
	case isChoice:
		b := c.below[0].residual(e)
		if b.op == isFixed {
			switch b.fixed {
			case yes:
				return c.below[1].residual(e)
			case no:
				return c.below[2].residual(e)
			}
			return b
		}
		return &condition{op: isChoice, below: []*condition{b, c.below[1].residual(e), c.below[2].residual(e)}}
	}
	decides := no
	if c.op == isOr {
		decides = yes
	}
	rest := &condition{op: c.op}
	for _, b := range c.below {
		switch b = b.residual(e); {
		case b.op != isFixed || b.fixed >= failed:
			rest.below = append(rest.below, b)
		case b.fixed == decides:
			return b
		}
	}
	result := negate(decides)
	for _, b := range rest.below {
		if b.op != isFixed {
			if len(rest.below) == 1 {
				return b
			}
			return rest
		}
		result = max(result, b.fixed)
	}
	if len(rest.below) > 0 {
		return settled(result)
	}
	return settled(negate(decides))
}

// write appends c so that equal conditions of one policy are written equal, and
// tells of how many parts c is.
func (c *condition) write(b []byte) (written []byte, parts int) {
	switch c.op {
	case isFixed:
		return append(b, '0'+byte(c.fixed)), 1
	case isAtom:
		return append(strconv.AppendInt(append(b, 'a'), int64(c.atom.id), 10), ' '), 1
	}
	b = append(b, '0'+byte(c.op), '(')
	parts = 1
	for _, below := range c.below {
		var n int
		b, n = below.write(b)
		parts += n
	}
	return append(b, ')'), parts
}

// reads is what the atoms of c read.
func (c *condition) reads() reads {
	if c.op == isAtom {
		return c.atom.reads
	}
	var r reads
	for _, b := range c.below {
		r |= b.reads()
	}
	return r
}
