// Package proxy wires the stations of an exchange into one process: listeners,
// relay, redaction, the access log, health and metrics, by the configuration
// in weir.yaml. It reloads the policy while traffic goes on and drains when it
// is told to stop.
//
// It may import every lower floor but policy/policytest.
package proxy
