package telemetry_test

import (
	"os"
	"time"

	"weir/proxy/telemetry"
)

func Example() {
	log, err := telemetry.NewLog(telemetry.LogConfig{Out: os.Stdout, Level: telemetry.LevelInfo,
		Now: func() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }})
	if err != nil {
		panic(err)
	}
	_, err = os.Open("/nonexistent/anna.jensen@example.dk")
	log.Warn("upstream_unreachable", telemetry.Name("upstream", "http://127.0.0.1:3000"), telemetry.Err(err))
	// Output: 2026-11-22T10:00:00.000Z WARN  upstream_unreachable upstream=http://127.0.0.1:3000 error=not_found
}
