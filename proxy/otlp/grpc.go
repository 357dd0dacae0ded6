package otlp

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
)

// framed is a message as gRPC over HTTP/2 has it: not compressed, and its length.
func framed(message []byte) []byte {
	b := make([]byte, 5, 5+len(message))
	binary.BigEndian.PutUint32(b[1:], uint32(len(message)))
	return append(b, message...)
}

// The codes of gRPC that OTLP tells to try again.
const (
	canceled          = 1
	deadlineExceeded  = 4
	resourceExhausted = 8
	aborted           = 10
	outOfRange        = 11
	unavailable       = 14
	dataLoss          = 15
	unknownCode       = 2
)

// unframed is the message of gRPC's answer to a unary call; b is its body. The
// status stands in the trailers, or among the headers where there is no body.
func unframed(r *http.Response, b []byte) ([]byte, error) {
	text := r.Trailer.Get("Grpc-Status")
	details := r.Trailer.Get("Grpc-Status-Details-Bin")
	if text == "" {
		text, details = r.Header.Get("Grpc-Status"), r.Header.Get("Grpc-Status-Details-Bin")
	}
	code, err := strconv.Atoi(text)
	switch {
	case err != nil && r.StatusCode/100 != 2: // no gRPC: something between
		return nil, judged(r)
	case err != nil:
		return nil, &failure{status: unknownCode}
	case code != 0:
		return nil, refusal(code, details)
	case len(b) < 5 || b[0] != 0 || int64(binary.BigEndian.Uint32(b[1:])) != int64(len(b)-5):
		return nil, errors.New("the collector's answer is not one of gRPC's")
	}
	return b[5:], nil
}

// refusal says what is to be done about a code, by OTLP's table of them.
func refusal(code int, details string) *failure {
	f := &failure{status: code}
	var said bool
	f.after, said = delay(details)
	switch code {
	case canceled, deadlineExceeded, aborted, outOfRange, unavailable, dataLoss:
		f.retry = true
	case resourceExhausted:
		f.retry = said // else it will not recover
	}
	return f
}

// delay reads how long the collector asks to wait.
func delay(details string) (time.Duration, bool) {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(details, "="))
	var s status.Status
	if err != nil || proto.Unmarshal(b, &s) != nil {
		return 0, false
	}
	for _, d := range s.GetDetails() {
		var info errdetails.RetryInfo
		if d.UnmarshalTo(&info) == nil {
			return max(info.GetRetryDelay().AsDuration(), 0), true
		}
	}
	return 0, false
}
