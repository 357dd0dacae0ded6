// Package raw holds what passed by: exchanges, messages and fields that are
// still personal, and the verdict on them.
//
// Every type here that can hold a raw value prints as Placeholder under every
// verb of package fmt, in encoding/json and in log/slog. Packages that write
// (record, accesslog, ledger, telemetry) must not import this one; the import
// graph is checked against the house table in README.md. The only way to the
// bytes is a method called Peek, so that a search for it finds every place
// that can see one.
//
// The package knows no net/http type and imports nothing of weir but the
// category keys.
package raw
