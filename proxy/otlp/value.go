package otlp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	resource "go.opentelemetry.io/proto/slim/otlp/resource/v1"
)

func text(s string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
}

func whole(n int64) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: n}}
}

func number(f float64) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: f}}
}

func named(key string, v *common.AnyValue) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: v}
}

func (r Resource) proto() *resource.Resource {
	return &resource.Resource{Attributes: []*common.KeyValue{
		named("service.name", text(r.Service)), named("service.version", text(r.Version)), named("service.instance.id", text(r.Instance)),
	}}
}

func (r Resource) scope() *common.InstrumentationScope {
	return &common.InstrumentationScope{Name: "weir", Version: r.Version}
}

// members are those of a line, which is one JSON object, in their order.
func members(line []byte) ([]*common.KeyValue, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	v, err := value(d)
	if err != nil || v.GetKvlistValue() == nil { // its text would quote the line
		return nil, errLine
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errLine
	}
	return v.GetKvlistValue().GetValues(), nil
}

var errLine = errors.New("a line is not a JSON object")

// value reads the next value. How deep it goes is package record's doing.
func value(d *json.Decoder) (*common.AnyValue, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case string:
		return text(t), nil
	case bool:
		return &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: t}}, nil
	case json.Number:
		if !strings.ContainsAny(t.String(), ".eE") {
			n, err := t.Int64()
			return whole(n), err
		}
		f, err := t.Float64()
		return number(f), err
	case json.Delim:
		if t == '[' {
			return array(d)
		}
		return object(d)
	}
	return &common.AnyValue{}, nil // null
}

func array(d *json.Decoder) (*common.AnyValue, error) {
	a := new(common.ArrayValue)
	for d.More() {
		v, err := value(d)
		if err != nil {
			return nil, err
		}
		a.Values = append(a.Values, v)
	}
	_, err := d.Token()
	return &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: a}}, err
}

func object(d *json.Decoder) (*common.AnyValue, error) {
	o := new(common.KeyValueList)
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := k.(string) // the decoder sees to it
		v, err := value(d)
		if err != nil {
			return nil, err
		}
		o.Values = append(o.Values, named(key, v))
	}
	_, err := d.Token()
	return &common.AnyValue{Value: &common.AnyValue_KvlistValue{KvlistValue: o}}, err
}

// labels are those of a series.
func labels(set attribute.Set) []*common.KeyValue {
	all := make([]*common.KeyValue, 0, set.Len())
	for i := set.Iter(); i.Next(); {
		kv := i.Attribute()
		v := text(kv.Value.String())
		switch kv.Value.Type() {
		case attribute.INT64:
			v = whole(kv.Value.AsInt64())
		case attribute.BOOL:
			v = &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: kv.Value.AsBool()}}
		}
		all = append(all, named(string(kv.Key), v))
	}
	return all
}
