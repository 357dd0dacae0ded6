// Package otlp gives sealed entries, spans made of them and weir's metrics to an
// OpenTelemetry Collector, over OTLP/gRPC or OTLP/HTTP with protobuf.
//
// The messages are OpenTelemetry's own (its slim module, without gRPC). Both
// transports are net/http's, which weir has anyway: a unary call of gRPC is one
// request over HTTP/2. OpenTelemetry's exporters were not taken: they tell how
// many records a collector rejected only as text to a handler of the whole process,
// lose what finds no room without a trace of it, read the environment, and bring
// 2 MiB of memory into every idle process.
//
// Certificates are always verified, redirections never followed, and no proxy of
// the environment is asked. What may be tried again is as OTLP says; everything
// else counts as lost. A collector can receive twice what it did not acknowledge:
// log.record.uid, which each record carries, is the same both times.
//
// The package imports redact/record; it must not import redact/raw. Errors never
// quote what a collector answered.
package otlp
