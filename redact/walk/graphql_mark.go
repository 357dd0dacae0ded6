package walk

// mark takes a punctuator; a dot stands for three.
func (g *grammar) mark(o *outlet, c byte) Reason {
	args := g.args
	g.args = false
	switch c {
	case '{':
		return g.openBrace(o)
	case '}':
		return g.closeBrace(o)
	case '(':
		return g.openRound(o, args)
	case ')':
		return g.closeRound(o)
	case '[':
		if g.place == atVariableType {
			if g.types++; g.types > o.limits.Depth {
				return TooDeep
			}
			return Scanned
		}
		if !g.wantsValue() {
			return Broken
		}
		g.push(frame{kind: listFrame})
		g.place = atItem
		return deeper(o)
	case ']':
		return g.closeSquare(o)
	case '.':
		if !g.selects() {
			return Broken
		}
		g.top().empty, g.place = false, atSpread
		return Scanned
	case '@':
		return g.directive()
	}
	return g.sign(o, c)
}

// sign takes a mark that opens and closes nothing.
func (g *grammar) sign(o *outlet, c byte) Reason {
	switch {
	case c == ':' && g.place == atField:
		g.place = atAliased
	case c == ':' && g.place == atArgumentColon:
		g.place = atValue
	case c == ':' && g.place == atVariableColon:
		g.place = atVariableType
	case c == '!' && g.place == atVariableTyped && !g.bang:
		g.bang = true
	case c == '=' && g.place == atVariableTyped && g.types == 0:
		before, why := enterName(o, g.field)
		g.push(frame{kind: defaultFrame, before: before})
		g.place = atValue
		return why
	case c == '$' && g.wantsValue():
		g.place = atValueVar
	case c == '$' && (g.place == atVariable || g.typed()):
		g.top().empty, g.place = false, atVariableName
	default:
		return Broken
	}
	return Scanned
}

func (g *grammar) openBrace(o *outlet) Reason {
	switch g.place {
	case atValue, atItem:
		g.push(frame{kind: objectFrame})
		g.place = atArgument
		return Scanned
	case atDefinition, atOperation, atVariables, atBody, atField, atSelected, atSpread:
		g.push(frame{kind: selectionFrame, empty: true})
		g.place, g.defined = atSelection, false
		return deeper(o)
	}
	return Broken
}

func (g *grammar) closeBrace(o *outlet) Reason {
	f := *g.top()
	switch {
	case f.kind == objectFrame && g.place == atArgument:
		g.pop()
		g.valueEnd(o)
	case f.kind == selectionFrame && g.selects() && !f.empty:
		g.pop()
		o.depth--
		if g.place = atSelection; len(g.open) == 0 {
			g.place, g.defined = atDefinition, true
		}
	default:
		return Broken
	}
	return Scanned
}

func (g *grammar) openRound(o *outlet, args bool) Reason {
	switch {
	case args:
		before, why := enterName(o, g.field)
		g.push(frame{kind: argumentsFrame, empty: true, after: g.after, before: before})
		g.place = atArgument
		return why
	case g.place == atOperation || g.place == atVariables:
		g.push(frame{kind: variablesFrame, empty: true})
		g.place = atVariable
		return Scanned
	}
	return Broken
}

func (g *grammar) closeRound(o *outlet) Reason {
	f := *g.top()
	switch {
	case f.empty:
		return Broken
	case f.kind == argumentsFrame && g.place == atArgument:
		g.pop()
		o.leave(f.before)
		g.place = f.after
	case f.kind == variablesFrame && (g.place == atVariable || g.typed()):
		g.pop()
		g.place = atBody
	default:
		return Broken
	}
	return Scanned
}

func (g *grammar) closeSquare(o *outlet) Reason {
	switch {
	case g.place == atVariableTyped && g.types > 0:
		g.types--
		g.bang = false
	case g.place == atItem:
		g.pop()
		o.depth--
		g.valueEnd(o)
	default:
		return Broken
	}
	return Scanned
}

// directive takes an @.
func (g *grammar) directive() Reason {
	switch {
	case g.place == atOperation, g.place == atVariables, g.place == atBody, g.place == atSpread:
		g.after = atBody
	case g.place == atField, g.place == atSelected:
		g.after = atSelected
	case g.place == atSpreadNamed:
		g.after = atSpreadNamed
	case g.typed():
		g.after = atVariableDone
	default:
		return Broken
	}
	g.place = atDirective
	return Scanned
}
