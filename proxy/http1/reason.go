package http1

// reason says why a message is refused; 0 is no reason.
type reason uint8

const (
	_ reason = iota
	badRequestLine
	badMethod
	badTarget
	badAuthority
	unsupportedVersion
	urlTooLong
	headerTooLarge
	tooManyHeaders
	bareLF
	bareCR
	controlCharacter
	lineFolding
	spaceBeforeColon
	badHeaderName
	missingHost
	duplicateHost
	badHost
	hostMismatch
	userinfoInHost
	lengthAndTransferEncoding
	duplicateContentLength
	badContentLength
	contentLengthNotAllowed
	duplicateTransferEncoding
	badTransferEncoding
	unknownTransferCoding
	transferEncodingInHTTP10
	framingLookalike
	asteriskWithoutOptions
	connectInHTTP10
	connectWithoutPort
	connectWithBody
	slowHead
	badChunkSize
	badChunkExtension
	chunkExtensionTooLarge
	missingChunkEnd
	badTrailer
	forbiddenTrailer
	trailerTooLarge
	badStatusLine
	tooManyInformational
	unaskedUpgrade
	reasonCount
)

// RefusedError is a request that can't be framed with certainty, or is over a
// limit. Its text never quotes the request.
type RefusedError struct {
	Reason string // one of Reasons
	Status int    // what to answer: 400, 408, 414, 431, 501 or 505
}

func (e *RefusedError) Error() string { return "http1: request refused: " + e.Reason }

// FramingError is a body, or a response, that breaks the rules of its framing.
// Its text never quotes the message.
type FramingError struct {
	Reason string // one of Reasons
	Status int    // what to answer where a request's body broke
}

func (e *FramingError) Error() string { return "http1: broken framing: " + e.Reason }

// reasons holds one error for each reason, so that refusing allocates nothing.
var reasons = [reasonCount]RefusedError{
	badRequestLine:            {"bad_request_line", 400},
	badMethod:                 {"bad_method", 400},
	badTarget:                 {"bad_target", 400},
	badAuthority:              {"bad_authority", 400},
	unsupportedVersion:        {"unsupported_version", 505},
	urlTooLong:                {"url_too_long", 414},
	headerTooLarge:            {"header_too_large", 431},
	tooManyHeaders:            {"too_many_headers", 431},
	bareLF:                    {"bare_lf", 400},
	bareCR:                    {"bare_cr", 400},
	controlCharacter:          {"control_character", 400},
	lineFolding:               {"line_folding", 400},
	spaceBeforeColon:          {"space_before_colon", 400},
	badHeaderName:             {"bad_header_name", 400},
	missingHost:               {"missing_host", 400},
	duplicateHost:             {"duplicate_host", 400},
	badHost:                   {"bad_host", 400},
	hostMismatch:              {"host_mismatch", 400},
	userinfoInHost:            {"userinfo_in_host", 400},
	lengthAndTransferEncoding: {"content_length_and_transfer_encoding", 400},
	duplicateContentLength:    {"duplicate_content_length", 400},
	badContentLength:          {"bad_content_length", 400},
	contentLengthNotAllowed:   {"content_length_not_allowed", 400},
	duplicateTransferEncoding: {"duplicate_transfer_encoding", 400},
	badTransferEncoding:       {"bad_transfer_encoding", 400},
	unknownTransferCoding:     {"unknown_transfer_coding", 501},
	transferEncodingInHTTP10:  {"transfer_encoding_in_http_1_0", 400},
	framingLookalike:          {"framing_lookalike", 400},
	asteriskWithoutOptions:    {"asterisk_without_options", 400},
	connectInHTTP10:           {"connect_in_http_1_0", 400},
	connectWithoutPort:        {"connect_without_port", 400},
	connectWithBody:           {"connect_with_body", 400},
	slowHead:                  {"slow_head", 408},
	badChunkSize:              {"bad_chunk_size", 400},
	badChunkExtension:         {"bad_chunk_extension", 400},
	chunkExtensionTooLarge:    {"chunk_extension_too_large", 400},
	missingChunkEnd:           {"missing_chunk_end", 400},
	badTrailer:                {"bad_trailer", 400},
	forbiddenTrailer:          {"forbidden_trailer", 400},
	trailerTooLarge:           {"trailer_too_large", 431},
	badStatusLine:             {"bad_status_line", 400},
	tooManyInformational:      {"too_many_informational", 400},
	unaskedUpgrade:            {"unasked_upgrade", 400},
}

func (r reason) refused() error { return &reasons[r] }

func (r reason) framing() error { return (*FramingError)(&reasons[r]) }

// Reasons is the closed list of what Reason can say, fit for a metric's label.
func Reasons() []string {
	list := make([]string, 0, reasonCount-1)
	for _, e := range reasons[1:] {
		list = append(list, e.Reason)
	}
	return list
}
