package policy

import "weir/redact/raw"

// respond is the section of that name, compiled.
type respond struct {
	clauses
	cookies  cookieTable
	fallback Verdict // for a cookie that no rule matches
	monitor  bool
}

// judge says what `respond` does to the response of what v is about: what reaches the
// browser of a visitor.
func (r *respond) judge(v *view) []Response {
	if len(r.all) == 0 && r.fallback == Allow || v.direction() != raw.Inbound {
		return nil
	}
	var out answers
	out.all = v.cookies()
	for i := range out.all {
		r.judgeCookie(v, &out, i)
	}
	v.cookie = cookieInView{}
	v.remember(r.atoms)
	for _, c := range r.all {
		if !c.cookies {
			done, _ := r.decide(v, c)
			out.response(done)
		}
	}
	return out.list
}

// cookies are those that the response sets.
func (v *view) cookies() []SetCookie {
	if v.seen.Cookies != nil || v.exchange == nil {
		return v.seen.Cookies
	}
	return setCookies(&v.exchange.Response, v.exchange.Started)
}

// judgeCookie asks the rules about a cookie. Where one of them removes it the others do
// not count, and of several caps the shortest.
func (r *respond) judgeCookie(v *view, out *answers, i int) {
	set := &out.all[i]
	v.cookie = cookieInView{set: set, declared: r.cookies.of(set.Name.Peek())}
	v.remember(r.atoms)
	shown := "*"
	if d := v.cookie.declared; d != nil {
		shown = d.text()
	}
	var best [2]*Response // carried out, and watched
	watched := r.monitor || v.seen.Monitor
	matched := false // a rule that only watches does not stand in the place of a default that does not
	for _, c := range r.all {
		if !c.cookies {
			continue
		}
		done, how := r.decide(v, c)
		matched = matched || how == yes && (watched || !c.monitor)
		if done == nil || done.Kind == CapCookie && (set.Session || set.MaxAge <= done.MaxAge) {
			continue
		}
		if done.Header == "" {
			done.Cookie, done.Index = shown, i
		}
		if done.Kind != StripCookie && done.Kind != CapCookie {
			out.response(done)
			continue
		}
		slot := &best[number(done.Monitored)]
		if *slot == nil || stronger(done, *slot) {
			*slot = done
		}
	}
	if !matched && r.fallback != Allow {
		done := &Response{Kind: StripCookie, Cookie: shown, Index: i, Reason: noRuleMatches, Monitored: watched}
		if r.fallback == Alert {
			done.Kind = AlertResponse
		}
		out.list = append(out.list, *done)
	}
	if best[0] != nil {
		out.list = append(out.list, *best[0])
	}
	if best[1] != nil && (best[0] == nil || stronger(best[1], best[0])) {
		out.list = append(out.list, *best[1])
	}
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// stronger compares what is done to a cookie.
func stronger(a, b *Response) bool {
	if a.Kind == CapCookie && b.Kind == CapCookie {
		return a.MaxAge < b.MaxAge
	}
	return a.Kind == StripCookie && b.Kind == CapCookie
}

// decide evaluates a rule: what it does, nil where that is nothing, and whether it matches.
func (r *respond) decide(v *view, c *clause) (*Response, truth) {
	how := c.condition.truth(v)
	var value responseValue
	if how == yes {
		out, could := c.value(v)
		if how = could; could == yes {
			if made, ok := out.(responseValue); ok {
				value = made
			} else {
				how = failed
			}
		}
	}
	verdict, reason := Allow, ""
	switch how {
	case no:
		return nil, no
	case yes:
		if value.allows {
			return nil, yes
		}
	case unseen:
		verdict, reason = c.unseen, reasonUnseen
	default:
		verdict, reason = c.onError, reasonFailed
	}
	if how != yes {
		switch {
		case verdict == Allow:
			return nil, how
		case verdict == Alert:
			value = responseValue{kind: AlertResponse, reason: reason}
		case c.cookies:
			value = responseValue{kind: StripCookie, reason: reason}
		default:
			value = responseValue{kind: DenyResponse, reason: reason}
		}
	}
	return &Response{Kind: value.kind, MaxAge: value.maxAge, Header: value.header, Value: value.value, Reason: value.reason,
		By: c.ref, number: c.number, Monitored: c.monitor || r.monitor || v.seen.Monitor}, how
}

// answers collects what is done to one response.
type answers struct {
	all  []SetCookie
	list []Response
}

// response adds what is done to the whole response. To one header the rule counts that
// sets it and is the first in the file, whatever it is asked for, but for one that drops
// it; of those that are only watched and those that are not each for itself.
func (a *answers) response(done *Response) {
	if done == nil {
		return
	}
	for i := range a.list {
		before := &a.list[i]
		same := done.Header != "" && before.Header == done.Header || done.Kind == DenyResponse && before.Kind == DenyResponse
		if before.Monitored != done.Monitored || !same {
			continue
		}
		if done.Kind == DropHeader && before.Kind == SetHeader || done.Kind == before.Kind && done.number < before.number {
			*before = *done
		}
		return
	}
	a.list = append(a.list, *done)
}
