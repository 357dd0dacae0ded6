package proxy

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"weir/policy/source"
	"weir/proxy/accesslog"
	"weir/proxy/telemetry"
	"weir/redact"
)

// sink is one place that the access log is written to.
type sink interface {
	redact.Sink
	close() error
	// oldest is the time of the oldest entry of a class that is still there.
	oldest(class string) (time.Time, bool)
}

// folder is a sink of segments; stream is what keeps nothing that weir could ask for.
type (
	folder struct{ *accesslog.Log }
	stream struct{ *accesslog.Stream }
)

func (f folder) close() error                          { return f.Close() }
func (f folder) oldest(class string) (time.Time, bool) { return f.Oldest(class) }
func (s stream) close() error                          { return s.Close() }
func (s stream) oldest(string) (time.Time, bool)       { return time.Time{}, false }

// name is the sink in metrics and health.
func (l *Log) name() string {
	if l.Stdout {
		return "stdout"
	}
	if l.OTLP != nil {
		return l.OTLP.URL.String()
	}
	return l.File
}

// durable reports whether entries are to be on the disk before answers end.
func (c *Config) durable() bool {
	return slices.ContainsFunc(c.Log, func(l Log) bool { return l.Sync == accesslog.SyncAlways })
}

// sinkCheck fails while a sink takes nothing. That makes weir unready only where
// it serves nothing without the sink.
func (p *Proxy) sinkCheck(l *Log) *telemetry.Check {
	if p.cfg.Strict {
		return p.health.Check("log", l.name())
	}
	return p.health.Degrade("log", l.name())
}

func (p *Proxy) openSinks() {
	for i := range p.cfg.Log {
		l := &p.cfg.Log[i]
		check, buffer := p.sinkCheck(l), int(l.Buffer)
		if p.cfg.Strict {
			buffer = cmp.Or(buffer, accesslog.StrictBuffer)
		}
		if l.OTLP != nil {
			p.openCollector(l, buffer, check)
			continue
		}
		if l.Stdout {
			s, err := accesslog.NewStdout(accesslog.StdoutConfig{Format: l.Format, Service: p.cfg.Service, Buffer: buffer,
				Log: p.log, Metrics: p.metrics.Sink(l.name()), Check: check})
			if err != nil {
				p.refuse(l.at, err, "- stdout")
				continue
			}
			p.sinks = append(p.sinks, stream{s})
			continue
		}
		f, err := accesslog.Open(accesslog.Config{
			Dir: l.File, Format: l.Format, Service: p.cfg.Service, MaxSize: l.MaxBytes, MaxAge: l.MaxAge,
			Buffer: buffer, Sync: l.Sync, Strict: p.cfg.Strict, Keep: source.ParseDuration,
			Log: p.log, Metrics: p.metrics.Sink(l.name()), Check: check,
		})
		if err != nil {
			instead := "" // it says itself what to do
			if errors.Is(err, accesslog.ErrNoAhead) {
				instead = "a folder on ext4, XFS, Btrfs or tmpfs, or strict: false"
			}
			p.refuse(l.at, err, instead)
			continue
		}
		p.sinks = append(p.sinks, folder{f})
	}
}
