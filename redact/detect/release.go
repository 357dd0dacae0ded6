package detect

// released reports whether quad is a program's version as people write it, behind a
// space: "nginx 1.27.3.1", "2.0.0.4 beta". An address stands behind such a name as well, as in
// "connected to nginx 203.0.113.77"; so the groups are as small as those of versions, and
// nothing before the name says that it is a host's.
func released(t []byte, start, end int, quad [4]byte) bool {
	if quad[0] >= 10 || quad[1] >= 32 || quad[2] >= 32 || quad[3] >= 32 {
		return false
	}
	if end+1 < len(t) && (t[end] == ' ' || t[end] == '-') && early(lettersAt(t, end+1)) {
		return true
	}
	if start < 2 || t[start-1] != ' ' {
		return false
	}
	name := lettersBefore(t, start-1)
	if !program(name) {
		return false
	}
	at := start - 1 - len(name)
	return at == 0 || t[at-1] != ' ' || !ofHost(lettersBefore(t, at-1))
}

// mostWord is how long the words are that released knows, at most.
const mostWord = 16

// lettersBefore returns the ASCII letters before end, nil where they are too many.
func lettersBefore(t []byte, end int) []byte {
	i := end
	for i > 0 && isLetter(t[i-1]) {
		i--
	}
	if end-i > mostWord || i > 0 && isWordByte(t, i) {
		return nil
	}
	return t[i:end]
}

// lettersAt returns the ASCII letters from i on, nil where they are too many.
func lettersAt(t []byte, i int) []byte {
	end := i
	for end < len(t) && isLetter(t[end]) {
		end++
	}
	if end-i > mostWord {
		return nil
	}
	return t[i:end]
}

// lowerOf is word, of mostWord bytes at most, in lower case.
func lowerOf(buf *[mostWord]byte, word []byte) []byte {
	small := buf[:copy(buf[:], word)]
	lower(small)
	return small
}

// early reports whether word says that what stands before it is no finished version.
func early(word []byte) bool {
	var buf [mostWord]byte
	switch string(lowerOf(&buf, word)) {
	case "alpha", "beta", "rc", "preview", "snapshot", "nightly", "prerelease":
		return true
	}
	return false
}

// program reports whether name is that of a server or library that logs tell the version of.
func program(name []byte) bool {
	var buf [mostWord]byte
	switch string(lowerOf(&buf, name)) {
	case "nginx", "openresty", "apache", "httpd", "openssl", "libressl", "boringssl", "openssh", "php", "python", "ruby", "perl", "java", "openjdk", "linux",
		"postgresql", "mysql", "mariadb", "sqlite", "zlib", "libcurl", "glibc", "wordpress", "drupal", "magento", "chrome", "chromium", "firefox", "electron":
		return true
	}
	return false
}

// ofHost reports whether word says that the name behind it is that of a host.
func ofHost(word []byte) bool {
	var buf [mostWord]byte
	switch string(lowerOf(&buf, word)) {
	case "to", "from", "at", "by", "via", "on", "for", "of", "upstream", "backend", "host", "server", "peer", "client", "proxy", "til", "fra", "hos", "zu", "von", "an", "auf", "vers", "de", "depuis", "hacia", "desde":
		return true
	}
	return false
}
