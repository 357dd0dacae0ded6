package otlp

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	wire "go.opentelemetry.io/proto/slim/otlp/logs/v1"
)

// Logs gives lines of the access log to a collector, as log records. One
// goroutine may call Write, any Close.
type Logs struct {
	*client
	number uint64 // of the lines taken so far
}

// NewLogs connects when there is something to be said.
func NewLogs(cfg Config) (*Logs, error) {
	c, err := newClient(cfg)
	if err != nil {
		return nil, err
	}
	return &Logs{client: c}, nil
}

// Write gives whole JSON lines to the collector in one request. All are taken or
// none; with an error that is a *Rejected all were. After a failure it waits a
// while, some seconds at most and no longer than until Close.
func (l *Logs) Write(lines []byte) (int, error) {
	if err := l.pause(); err != nil {
		return 0, err
	}
	records, bad := l.records(lines, time.Now())
	var resp collector.ExportLogsServiceResponse
	err := l.export(l.ctx, logs, &collector.ExportLogsServiceRequest{ResourceLogs: []*wire.ResourceLogs{{
		Resource:  l.cfg.Resource.proto(),
		ScopeLogs: []*wire.ScopeLogs{{Scope: l.cfg.Resource.scope(), LogRecords: records}},
	}}}, &resp)
	l.told(logs, err)
	n := len(records) + bad
	all, err := taken(lines, n, bad+partial(resp.GetPartialSuccess().GetRejectedLogRecords(), len(records)), err)
	if all > 0 {
		l.number += uint64(n)
	}
	return all, err
}

// records makes a record of each line, and counts those that are none.
func (l *Logs) records(lines []byte, now time.Time) (all []*wire.LogRecord, bad int) {
	number := l.number
	for line := range bytes.Lines(lines) {
		r, err := recordOf(line)
		if number++; err != nil {
			bad++
			continue
		}
		r.ObservedTimeUnixNano = uint64(now.UnixNano())
		if r.EventName == entryEvent {
			// Equal in what is sent again, so that who receives it twice can tell.
			r.Attributes = append(r.Attributes, named("log.record.uid", text(fmt.Sprintf("%s-%d", l.cfg.Resource.Instance, number))))
		}
		all = append(all, r)
	}
	return all, bad
}

// What a record is of.
const (
	entryEvent = "weir.entry"
	gapEvent   = "weir.gap"
)

// recordOf makes a log record of a line: its members are the attributes, but for
// the time and the ids of a trace, which have places of their own.
func recordOf(line []byte) (*wire.LogRecord, error) {
	all, err := members(line)
	if err != nil {
		return nil, err
	}
	r := &wire.LogRecord{EventName: entryEvent, SeverityNumber: wire.SeverityNumber_SEVERITY_NUMBER_INFO, SeverityText: "INFO",
		Attributes: make([]*common.KeyValue, 0, len(all)+1)}
	for _, kv := range all {
		v := kv.GetValue().GetStringValue()
		switch kv.Key {
		case "time":
			t, err := time.Parse(time.RFC3339, v)
			if err != nil {
				return nil, errors.New("a line has no time")
			}
			r.TimeUnixNano = uint64(t.UnixNano())
			continue
		case "trace_id":
			r.TraceId, r.Flags = unhex(v, 16), sampledFlag
			continue
		case "span_id":
			r.SpanId = unhex(v, 8)
			continue
		case "error.type":
			r.SeverityNumber, r.SeverityText = max(r.SeverityNumber, wire.SeverityNumber_SEVERITY_NUMBER_WARN), "WARN"
		case "weir.fault":
			r.SeverityNumber, r.SeverityText = wire.SeverityNumber_SEVERITY_NUMBER_ERROR, "ERROR"
		case "gap":
			r.EventName, r.SeverityNumber, r.SeverityText = gapEvent, wire.SeverityNumber_SEVERITY_NUMBER_WARN, "WARN"
			for _, of := range kv.GetValue().GetKvlistValue().GetValues() {
				r.Attributes = append(r.Attributes, named("gap."+of.Key, of.Value))
			}
			continue
		}
		r.Attributes = append(r.Attributes, kv)
	}
	return r, nil
}

// sampledFlag is W3C's: the trace is recorded.
const sampledFlag = 1

// unhex is nil for what is not n bytes in hexadecimal.
func unhex(s string, n int) []byte {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != n {
		return nil
	}
	return b
}
