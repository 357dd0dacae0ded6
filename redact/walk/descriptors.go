package walk

import (
	"bytes"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"weir/redact/raw"
)

// Descriptors know the services and messages of .proto files. They are safe for use by many
// walks at one time.
type Descriptors struct {
	files *protoregistry.Files
}

// NewDescriptors reads a google.protobuf.FileDescriptorSet, as protoc
// --descriptor_set_out and buf build write it. Files that it imports and does not
// hold may be missing: their messages are walked by their wire shape.
func NewDescriptors(set []byte) (*Descriptors, error) {
	var s descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(set, &s); err != nil {
		return nil, fmt.Errorf("no FileDescriptorSet: %w", err)
	}
	if len(s.File) == 0 {
		return nil, fmt.Errorf("no FileDescriptorSet: it holds no file")
	}
	files, err := protodesc.FileOptions{AllowUnresolvable: true}.NewFiles(&s)
	if err != nil {
		return nil, fmt.Errorf("descriptor set: %w", err)
	}
	return &Descriptors{files: files}, nil
}

// method is the message that a path ending in /package.Service/Method takes or gives; nil
// where it is not known.
func (d *Descriptors) method(path []byte, kind raw.Kind) protoreflect.MessageDescriptor {
	path, _, _ = bytes.Cut(path, []byte{'?'})
	end := bytes.LastIndexByte(path, '/')
	if d == nil || end < 0 {
		return nil
	}
	start := bytes.LastIndexByte(path[:end], '/')
	found, err := d.files.FindDescriptorByName(protoreflect.FullName(path[start+1 : end]))
	if err != nil {
		return nil
	}
	service, ok := found.(protoreflect.ServiceDescriptor)
	if !ok {
		return nil
	}
	method := service.Methods().ByName(protoreflect.Name(path[end+1:]))
	switch {
	case method == nil:
		return nil
	case kind == raw.RequestBody:
		return resolved(method.Input())
	}
	return resolved(method.Output())
}

// message is the message of a name, which a type URL may lead to; nil where it is not known.
func (d *Descriptors) message(name string) protoreflect.MessageDescriptor {
	if d == nil || name == "" {
		return nil
	}
	found, err := d.files.FindDescriptorByName(protoreflect.FullName(name[strings.LastIndexByte(name, '/')+1:]))
	if err != nil {
		return nil
	}
	m, _ := found.(protoreflect.MessageDescriptor)
	return m
}

// resolved is nil for a message of a file that is missing.
func resolved(m protoreflect.MessageDescriptor) protoreflect.MessageDescriptor {
	if m == nil || m.IsPlaceholder() {
		return nil
	}
	return m
}

// redacted reports whether a field's option says that it is not to be shown.
func redacted(f protoreflect.FieldDescriptor) bool {
	o, ok := f.Options().(*descriptorpb.FieldOptions)
	return ok && o.GetDebugRedact()
}
