package policy

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"
)

// Bounds of what an expression makes of what passed by: a text in bytes, and a list in
// elements. CEL counts what a function costs after it has run.
const (
	maxMadeText = 64 << 10
	maxMadeList = 256
)

var errTooLong = types.NewErr("makes a text or a list that is too long")

// bounded are CEL's functions for texts and lists. Those that can make more than they
// are given are replaced by some that fail where that is too much.
func bounded() []cel.EnvOption {
	text, list := cel.StringType, cel.ListType(cel.StringType)
	return []cel.EnvOption{
		ext.Strings(ext.StringsVersion(4)), ext.Lists(ext.ListsMaxRangeSize(maxMadeList)),
		underFunction(),
		cel.Function("replace",
			cel.MemberOverload("string_replace_string_string", []*cel.Type{text, text, text}, text, cel.FunctionBinding(replaced)),
			cel.MemberOverload("string_replace_string_string_int", []*cel.Type{text, text, text, cel.IntType}, text, cel.FunctionBinding(replaced))),
		cel.Function("split",
			cel.MemberOverload("string_split_string", []*cel.Type{text, text}, list, cel.FunctionBinding(parted)),
			cel.MemberOverload("string_split_string_int", []*cel.Type{text, text, cel.IntType}, list, cel.FunctionBinding(parted))),
		cel.Function("join",
			cel.MemberOverload("list_join", []*cel.Type{list}, text, cel.FunctionBinding(joined)),
			cel.MemberOverload("list_join_string", []*cel.Type{list, text}, text, cel.FunctionBinding(joined))),
	}
}

// arguments are the texts that a function was given first, and the number behind
// them, -1 where there is none.
func arguments(args []ref.Val) (texts []string, n int) {
	for _, a := range args {
		switch v := a.(type) {
		case types.String:
			texts = append(texts, string(v))
		case types.Int:
			return texts, clamp(v)
		}
	}
	return texts, -1
}

// replaced is text.replace(old, new) and text.replace(old, new, n).
func replaced(args ...ref.Val) ref.Val {
	t, n := arguments(args)
	if len(t) != 3 {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	count := strings.Count(t[0], t[1])
	if n >= 0 {
		count = min(count, n)
	}
	if len(t[0])+count*(len(t[2])-len(t[1])) > max(maxMadeText, len(t[0])) {
		return errTooLong
	}
	return types.String(strings.Replace(t[0], t[1], t[2], n))
}

// parted is text.split(between) and text.split(between, n).
func parted(args ...ref.Val) ref.Val {
	t, n := arguments(args)
	if len(t) != 2 {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	if n < 0 || n > maxMadeList {
		n = maxMadeList + 1
	}
	parts := strings.SplitN(t[0], t[1], n)
	if len(parts) > maxMadeList {
		return errTooLong
	}
	return types.NewStringList(types.DefaultTypeAdapter, parts)
}

// joined is list.join() and list.join(between).
func joined(args ...ref.Val) ref.Val {
	list, ok := args[0].(traits.Lister)
	between, _ := arguments(args[1:])
	if !ok || len(between) > 1 {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	var out strings.Builder
	first := true
	for it := list.Iterator(); it.HasNext() == types.True; first = false {
		part, ok := it.Next().(types.String)
		if !ok {
			return types.MaybeNoSuchOverloadErr(args[0])
		}
		if len(between) == 1 && !first {
			out.WriteString(between[0])
		}
		if out.WriteString(string(part)); out.Len() > maxMadeText {
			return errTooLong
		}
	}
	return types.String(out.String())
}
