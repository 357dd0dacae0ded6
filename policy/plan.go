package policy

import (
	"strconv"
	"sync"

	"weir/redact/transform"
)

// plan is what is left to do for a question once all that could be known
// beforehand is: a decision, or steps for run time. It is immutable.
type plan struct {
	steps []step
	// last decides where no step does.
	last ending
	// kept is set where it is remembered: then it may be in a table.
	kept bool
	// reads is what the steps read.
	reads reads
}

// step is a rule whose condition is still open.
type step struct {
	rule      *rule
	condition *condition
}

// ending is what stands at the end of a plan: a decision, a `then` to evaluate, or
// a rule that fails.
type ending struct {
	decision transform.Decision
	rule     *rule // whose `then` is evaluated for each question, or that fails
	fails    bool
}

// plans holds each plan once. It is bounded: beyond that plans are made and
// thrown away, which is slower and no less right. Plans that were made for a name
// or a path have a bound of their own, so that nobody who sends names can take the
// room of the others.
type plans struct {
	mu  sync.Mutex
	all map[string]*plan
	// Bytes, about, of the plans for places and of those for names and paths.
	places, names int
}

const maxPlanBytes = 8 << 20 // of each

// planFor makes the plan for what f knows. room is that of plans where it may be
// remembered, else nil.
func (p *Policy) planFor(f *facts, room *int) *plan {
	made := &plan{}
	made.last = ending{decision: transform.Decision{Transform: transform.Drop()}}
	finding := f.question.Category != ""
	for _, r := range p.rules {
		if finding && !r.category {
			continue
		}
		c := r.condition.residual(f)
		if c.op == isFixed {
			if c.fixed == no {
				continue
			}
			made.last = p.ending(r, f, c.fixed == failed)
			break
		}
		made.steps = append(made.steps, step{r, c})
		made.reads |= c.reads()
	}
	if room != nil {
		return p.remember(made, room)
	}
	return made
}

func (p *Policy) ending(r *rule, f *facts, fails bool) ending {
	switch {
	case fails:
		return ending{rule: r, fails: true}
	case r.then.reads&^f.known != 0:
		return ending{rule: r}
	}
	if r.fixed == nil {
		// A `then` that fails is asked again each time, so that each is counted.
		if _, err := run(r.choose, f); err != nil {
			return ending{rule: r, fails: true}
		}
	}
	return ending{decision: r.decision(f)}
}

// remember returns the plan that is equal to made, which is made itself where it
// is the first.
func (p *Policy) remember(made *plan, room *int) *plan {
	var key []byte
	parts := 0
	for _, s := range made.steps {
		key = append(strconv.AppendInt(key, int64(s.rule.number), 10), '?')
		var n int
		key, n = s.condition.write(key)
		parts += n
	}
	if r := made.last.rule; r != nil {
		key = strconv.AppendInt(append(key, '='), int64(r.number), 10)
	}
	if made.last.fails {
		key = append(key, '!')
	}
	d := &made.last.decision
	key = strconv.AppendInt(append(key, '@'), int64(d.Line), 10)
	key = strconv.AppendInt(append(key, ':'), int64(d.Column), 10)
	key = append(append(key, ' '), d.Transform.String()...)

	p.plans.mu.Lock()
	defer p.plans.mu.Unlock()
	if known, ok := p.plans.all[string(key)]; ok {
		return known
	}
	const each, eachStep, eachPart = 300, 32, 80
	if cost := each + eachStep*len(made.steps) + eachPart*parts + len(key); *room+cost <= maxPlanBytes {
		*room += cost
		p.plans.all[string(key)] = made
		made.kept = true
	}
	return made
}

// follow does what is left of a plan.
func (p *Policy) follow(pl *plan, f *facts) transform.Decision {
	f.known = ^reads(0)
	for _, s := range pl.steps {
		switch s.condition.truth(f) {
		case yes:
			return s.rule.decision(f)
		case no:
		default:
			return s.rule.failed()
		}
	}
	switch {
	case pl.last.fails:
		return pl.last.rule.failed()
	case pl.last.rule != nil:
		return pl.last.rule.decision(f)
	}
	return pl.last.decision
}

// settled reports whether nothing is left to do.
func (pl *plan) settled() bool { return len(pl.steps) == 0 && pl.last.rule == nil }
