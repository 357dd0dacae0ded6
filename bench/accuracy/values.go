package main

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"net/netip"
	"strings"
)

var (
	givenNames = strings.Fields("anna bo carla david elin frida georg hanna ivan jonas karin lars maria nils olga peter rosa soren tina ulla")
	surnames   = strings.Fields("jensen hansen olsen svensson berg lund garcia moreau schmidt kowalski rossi smith virtanen jansen dupont lopez meyer dahl")
	hosts      = strings.Fields("example.dk example.se post.example.no mail.example.com example.de exemple.fr ejemplo.es example.org nordhost.example firma.example.co.uk gmail.com outlook.com hotmail.dk")
)

func (m *maker) email() string {
	first, last := one(m, givenNames), one(m, surnames)
	local := one(m, []string{
		first + "." + last, first, first + last, first + "_" + last, first[:1] + last + m.grouped("##"), first + "+news", strings.ToUpper(first[:1]) + first[1:] + "." + last, last + "-" + first,
	})
	return local + "@" + one(m, hosts)
}

func (m *maker) ip4() string {
	return fmt.Sprintf("%d.%d.%d.%d", one(m, []int{2, 5, 31, 62, 80, 83, 87, 91, 109, 151, 176, 188, 193, 203, 212}), m.IntN(256), m.IntN(256), 1+m.IntN(254))
}

func (m *maker) ip6() string {
	var b [16]byte
	copy(b[:], []byte{0x2a, byte(m.IntN(4)), byte(m.IntN(256)), byte(m.IntN(256))})
	if m.IntN(2) == 0 {
		for i := 4; i < 16; i++ {
			b[i] = byte(m.IntN(256))
		}
	} else {
		b[15], b[14], b[5] = byte(1+m.IntN(255)), byte(m.IntN(256)), byte(m.IntN(256))
	}
	return netip.AddrFrom16(b).String()
}

func (m *maker) mac() string {
	by := one(m, []string{":", ":", "-"})
	parts := make([]string, 6)
	for i := range parts {
		parts[i] = m.letters(2, hexDigits)
	}
	parts[0] = one(m, []string{"00", "3c", "a4", "f0", "b8"})
	s := strings.Join(parts, by)
	if by == "-" {
		return strings.ToUpper(s)
	}
	return s
}

func (m *maker) uuid() string {
	return fmt.Sprintf("%s-%s-4%s-%s%s-%s", m.letters(8, hexDigits), m.letters(4, hexDigits), m.letters(3, hexDigits), m.letters(1, "89ab"), m.letters(3, hexDigits), m.letters(12, hexDigits))
}

func (m *maker) epoch() string { return fmt.Sprint(1_600_000_000 + m.IntN(190_000_000)) }

// phone is an international number, as its country writes it.
func (m *maker) phone() string {
	number := m.grouped(one(m, []string{
		"+45 2d ## ## ##", "+45 4d######", "+45 31 ## ## ##", "+46 70-### ## ##", "+46 73 ### ## ##", "+47 4d# ## ###", "+47 91 ## ## ##", "+358 40 #######", "+49 151 ########", "+49 30 ########",
		"+31 6 ########", "+33 6 ## ## ## ##", "+34 6## ### ###", "+39 347 #######", "+48 60# ### ###", "+44 7911 ######", "+44 20 79## ####", "+1 212-555-####", "+1 (415) 555-####",
	}))
	switch m.IntN(6) {
	case 4:
		code, rest, _ := strings.Cut(number, " ")
		return "(" + code + ") " + rest
	case 5:
		return strings.NewReplacer(" ", "-", "(", "", ")", "").Replace(number)
	case 0:
		return strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(number)
	case 1:
		return "00" + strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(number[1:])
	}
	return number
}

func (m *maker) jwt() string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + part([]byte(`{"sub":"`+m.digits(8)+`","iat":`+m.epoch()+`}`)) + "." + m.letters(43, alphanum+"-_")
}

// checked is a key whose last six characters are the CRC-32 of the thirty before,
// in base 62, as GitHub describes for its tokens, and npm does too.
func (m *maker) checked(prefix string) string {
	body := m.letters(30, alphanum)
	const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum := crc32.ChecksumIEEE([]byte(body))
	check := make([]byte, 6)
	for i := range check {
		check[5-i] = base62[sum%62]
		sum /= 62
	}
	return prefix + body + string(check)
}
