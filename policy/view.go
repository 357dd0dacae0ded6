package policy

import (
	"slices"
	"sync"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"weir/policy/party"
	"weir/redact/category"
	"weir/redact/raw"
)

// view is what the expressions of all sections but `redact` read of one exchange.
// What was not seen is CEL unknown.
type view struct {
	passage
	seen *Seen
	at   time.Time

	party   party.Recipient
	toParty bool
	asked   bool // who the party is

	excess   []category.Key
	compared bool // excess is worked out

	cookie  cookieInView
	consent *Consent // nil as long as nobody asked

	known reads // what may be asked; all else is open
	memo  []truth
}

var viewPool = sync.Pool{New: func() any { return new(view) }}

// look takes a view of s, which must be given back.
func (p *Policy) look(s *Seen) *view {
	v := viewPool.Get().(*view)
	v.seen, v.known = s, ^reads(0)
	v.passage.of(p, s.Exchange)
	v.at = s.At
	if v.at.IsZero() && s.Exchange != nil {
		v.at = s.Exchange.Started
	}
	return v
}

func (v *view) giveBack() {
	memo := v.memo[:0]
	*v = view{memo: memo}
	viewPool.Put(v)
}

// notAsked marks an atom that was not evaluated yet.
const notAsked truth = 255

// remember has atoms with numbers up to count evaluated at most once from here on.
func (v *view) remember(count int) {
	v.memo = slices.Grow(v.memo[:0], count+1)[:count+1]
	for i := range v.memo {
		v.memo[i] = notAsked
	}
}

// atom tells what an atom comes to where all that it reads is known.
func (v *view) atom(a *atom) truth {
	if a.reads&^v.known != 0 {
		return open
	}
	if a.id >= len(v.memo) {
		return v.evaluate(a)
	}
	if v.memo[a.id] == notAsked {
		v.memo[a.id] = v.evaluate(a)
	}
	return v.memo[a.id]
}

func (v *view) evaluate(a *atom) truth {
	if a.compared != nil {
		if t, ok := a.compared.truth(v); ok {
			return t
		}
	}
	out, _, err := a.program.Eval(v)
	switch b, ok := out.(types.Bool); {
	case err != nil:
		return failed
	case ok:
		return truthOf(bool(b))
	case types.IsUnknown(out):
		return unseen
	}
	return failed
}

// Parent is of interpreter.Activation.
func (v *view) Parent() interpreter.Activation { return nil }

// ResolveName is of interpreter.Activation.
func (v *view) ResolveName(name string) (any, bool) {
	switch name[:min(5, len(name))] {
	case "party":
		return v.resolveParty(name)
	case "flow.", "@flow":
		return v.resolveFlow(name)
	case "cooki":
		return v.resolveCookie(name)
	case "conse", "@cons":
		return v.resolveConsent(name)
	case "@law":
		return lawValue{view: v}, true
	case "tenan":
		if name, seen := v.tenant(); seen {
			return types.String(name), true
		}
		return notSeen, true
	case "@writ":
		return writtenValue{seen: v.seen}, true
	case "retai":
		return v.resolveRetention()
	case "servi":
		return types.String(v.policy.service), true
	case "now":
		return types.Timestamp{Time: v.at.UTC().Round(0)}, true
	}
	if v.exchange == nil || v.exchange.Visibility == raw.SeenTunnel && !seenOfTunnel(name) {
		return notSeen, true
	}
	return v.passage.resolve(name)
}

// seenOfTunnel reports whether a variable is seen of an exchange within a tunnel.
func seenOfTunnel(name string) bool {
	switch name {
	case "request.host", "client.address", "client.trusted", "request.tls", "response.duration":
		return true
	}
	return false
}

func (v *view) resolveFlow(name string) (any, bool) {
	switch name {
	case "@flow":
		return flowValue{view: v}, true
	case "flow.direction":
		return types.String(v.direction().String()), true
	case "flow.visibility":
		if v.exchange == nil {
			return notSeen, true
		}
		return types.String(v.exchange.Visibility.String()), true
	}
	if !v.seen.Complete {
		return notSeen, true
	}
	switch name {
	case "flow.categories":
		return listOf(v.seen.Categories), true
	case "flow.excess":
		excess, known := v.excessive()
		if !known {
			return notSeen, true
		}
		return listOf(excess), true
	}
	return nil, false
}

func (v *view) direction() raw.Direction {
	if v.exchange == nil {
		return raw.Outbound
	}
	return v.exchange.Direction
}

// carries is flow.carries(): what was seen is so, even where not all was.
func (v *view) carries(key category.Key) ref.Val {
	for _, k := range v.seen.Categories {
		if k.Within(key) {
			return types.True
		}
	}
	if !v.seen.Complete {
		return notSeen
	}
	return types.False
}

// excessive are the categories that were found and that the use does not declare; known
// is false where there may be more.
func (v *view) excessive() (excess []category.Key, known bool) {
	r := v.recipient()
	if r.Source == party.Undecided {
		return nil, false
	}
	if !v.compared {
		v.compared = true
		for _, k := range v.seen.Categories {
			if v.toParty && !coveredBy(k, r.Categories) {
				v.excess = append(v.excess, k)
			}
		}
	}
	return v.excess, v.seen.Complete
}

func coveredBy(k category.Key, declared []category.Key) bool {
	for _, d := range declared {
		if k.Within(d) {
			return true
		}
	}
	return false
}

func listOf(keys []category.Key) ref.Val {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = string(k)
	}
	return textList(out)
}

func textList(texts []string) ref.Val { return types.NewStringList(types.DefaultTypeAdapter, texts) }
