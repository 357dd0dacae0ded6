package telemetry

import (
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"golang.org/x/sys/unix"
)

// produceProcess reads what the semantic conventions for Go's runtime and for
// processes name.
func produceProcess(p *page) {
	none := *attribute.EmptySet()
	samples := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"},
		{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/allocs:objects"}, {Name: "/gc/heap/goal:bytes"}, {Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/gc/gomemlimit:bytes"}, {Name: "/gc/gogc:percent"},
	}
	metrics.Read(samples)
	n := make([]int64, len(samples))
	for i, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 {
			n[i] = int64(s.Value.Uint64())
		}
	}
	used := p.sum("go.memory.used", "By", "Memory used by the Go runtime.")
	used.set(n[2], attribute.NewSet(attribute.String("go.memory.type", "stack")))
	used.set(n[0]-n[1]-n[2], attribute.NewSet(attribute.String("go.memory.type", "other")))
	p.counter("go.memory.allocated", "By", "Memory allocated to the heap.").add(uint64(n[3]), none)
	p.counter("go.memory.allocations", "{allocation}", "Allocations to the heap.").add(uint64(n[4]), none)
	p.sum("go.memory.gc.goal", "By", "Heap size target for the end of the collector's cycle.").set(n[5], none)
	p.counter("go.memory.gc.cycles", "{gc_cycle}", "Cycles of the garbage collector.").add(uint64(n[6]), none)
	if n[7] != 1<<63-1 {
		p.sum("go.memory.limit", "By", "Memory limit of the Go runtime.").set(n[7], none)
	}
	p.sum("go.config.gogc", "%", "Heap size target percentage.").set(n[8], none)
	p.sum("go.goroutine.count", "{goroutine}", "Goroutines that exist now.").set(int64(runtime.NumGoroutine()), none)
	p.sum("go.processor.limit", "{thread}", "Threads that can run Go code at one time.").set(int64(runtime.GOMAXPROCS(0)), none)

	p.gauge("process.uptime", "s", "Time that the process has been running.").set(int64(p.now.Sub(p.started).Seconds()), none)
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) == nil {
		seconds := func(t unix.Timeval) float64 { return time.Duration(t.Nano()).Seconds() }
		p.seconds("process.cpu.time", "Time on the processor.", seconds(u.Utime)+seconds(u.Stime), none)
	}
	if open, ok := descriptors(); ok {
		p.sum("process.unix.file_descriptor.count", "{file_descriptor}", "Descriptors open now.").set(open, none)
	}
	if resident, ok := resident(); ok {
		p.sum("process.memory.usage", "By", "Physical memory in use.").set(resident, none)
	}
}

// descriptors counts what the process holds open; only Linux tells.
func descriptors() (int64, bool) {
	f, err := os.Open("/proc/self/fd")
	if err != nil {
		return 0, false
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	return int64(len(names) - 1), err == nil // not the one that lists them
}

// resident is the memory in use, in bytes; only Linux tells.
func resident() (int64, bool) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err == nil
}
