package walk

// grammar knows what may stand next in an executable document of GraphQL, and
// keeps the name of the value at hand.
type grammar struct {
	place   place
	after   place   // where a directive, or arguments, lead back to
	args    bool    // arguments may follow
	defined bool    // a definition has ended, and none has begun since
	bang    bool    // a type that does not take another !
	types   int     // lists that are open in a type
	field   []byte  // whose arguments may follow; the variable whose default may
	open    []frame // brackets
}

// place is where in a document the parser stands.
type place uint8

const (
	atDefinition   place = iota
	atOperation          // behind query, mutation or subscription
	atVariables          // behind its name
	atBody               // before directives and a selection set
	atFragment           // before a fragment's name
	atOn                 // before on
	atType               // before the type behind on
	atSelection          // before a field, a spread or the end of a selection set
	atField              // behind a field's name or alias
	atAliased            // behind an alias and its colon
	atSelected           // behind a field and its arguments
	atSpread             // behind ...
	atSpreadNamed        // behind ... and a name
	atDirective          // behind @
	atVariable           // before $, or the end of variables
	atVariableName       // behind that $
	atVariableColon
	atVariableType
	atVariableTyped // behind a type's name
	atVariableDone  // behind the default or a directive
	atArgument      // before a name, or the end of arguments or of an input object
	atArgumentColon
	atValue
	atItem     // before a value, or the end of a list
	atValueVar // behind $
)

// frame is a bracket that is open.
type frame struct {
	kind   frameKind
	empty  bool  // nothing stands in it
	after  place // of arguments
	before int   // length of the name before a field's arguments, or a default's variable
	inside int   // length of the name before the argument or key at hand
}

type frameKind uint8

const (
	noFrame frameKind = iota
	selectionFrame
	variablesFrame
	argumentsFrame
	objectFrame
	listFrame
	defaultFrame // no bracket, but a value within variables
)

func (g *grammar) reset() { *g = grammar{field: g.field[:0], open: g.open[:0]} }

func (g *grammar) complete() bool { return g.place == atDefinition && g.defined }

// wantsValue reports whether a value may stand next; describes, whether a string
// may that describes what follows.
func (g *grammar) wantsValue() bool { return g.place == atValue || g.place == atItem }
func (g *grammar) describes() bool  { return g.place == atDefinition || g.place == atVariable }

// selects reports whether a selection may begin, or a selection set end.
func (g *grammar) selects() bool {
	switch g.place {
	case atSelection, atField, atSelected, atSpreadNamed:
		return true
	}
	return false
}

// typed reports whether the variable at hand may end.
func (g *grammar) typed() bool {
	return g.place == atVariableTyped && g.types == 0 || g.place == atVariableDone
}

func (g *grammar) top() *frame {
	if n := len(g.open); n > 0 {
		return &g.open[n-1]
	}
	return &frame{}
}

func (g *grammar) push(f frame) { g.open = append(g.open, f) }

func (g *grammar) pop() frame {
	f := *g.top()
	g.open = g.open[:len(g.open)-1]
	return f
}

func deeper(o *outlet) Reason {
	if o.depth++; o.depth > o.limits.Depth {
		return TooDeep
	}
	return Scanned
}

// enterName is enter for a name of which "*" stands where it looks like a value.
func enterName(o *outlet, name []byte) (before int, why Reason) {
	if !isName(name) {
		name = anyKey
	}
	return o.enter(name)
}

// name takes a name that is no value.
func (g *grammar) name(o *outlet, text []byte) (why Reason) {
	g.args = false
	switch g.place {
	case atDefinition:
		switch string(text) {
		case "query", "mutation", "subscription":
			g.place = atOperation
		case "fragment":
			g.place = atFragment
		default:
			return Broken
		}
		g.defined = false
	case atOperation:
		g.place = atVariables
	case atFragment:
		if g.place = atOn; string(text) == "on" {
			return Broken
		}
	case atOn:
		if g.place = atType; string(text) != "on" {
			return Broken
		}
	case atType:
		g.place = atBody
	case atSelection, atField, atSelected, atSpreadNamed:
		g.named(text, atField, atSelected)
		g.top().empty = false
	case atAliased:
		g.named(text, atSelected, atSelected)
	case atDirective:
		g.named(text, g.after, g.after)
	case atSpread:
		if g.place = atSpreadNamed; string(text) == "on" {
			g.place = atType
		}
	case atVariableName:
		g.field, g.place = append(g.field[:0], text...), atVariableColon
	case atVariableType:
		g.place, g.bang = atVariableTyped, false
	case atArgument:
		f := g.top()
		f.inside, why = enterName(o, text)
		f.empty, g.place = false, atArgumentColon
	case atValueVar:
		g.valueEnd(o)
	default:
		return Broken
	}
	return why
}

// named takes the name of a field or directive, behind which arguments may stand.
func (g *grammar) named(text []byte, now, after place) {
	g.field = append(g.field[:0], text...)
	g.place, g.after, g.args = now, after, true
}

// valueEnd follows a value.
func (g *grammar) valueEnd(o *outlet) {
	if g.describes() { // it was a description: what it describes must follow
		g.defined, g.top().empty = false, true
		return
	}
	switch f := g.top(); f.kind {
	case listFrame:
		g.place = atItem
	case defaultFrame:
		o.leave(f.before)
		g.pop()
		g.place = atVariableDone
	default:
		o.leave(f.inside)
		g.place = atArgument
	}
}
