package main

import "strings"

// scene is one exchange that the demo plays: who sends what, and which of it
// must never be found in a file.
type scene struct {
	title string
	// from is the visitor's address, told to weir by a PROXY header as a load
	// balancer would; empty for requests of the company's own services, which
	// go out through the forward listener.
	from string
	// send is the request, with \n line ends and without Content-Length.
	send string
	// inside is sent through the tunnel that a CONNECT opens, as a TLS hello
	// for this name.
	inside   string
	personal []string
}

func (s scene) outbound() bool { return s.from == "" }

// wire is the request as it goes out: CRLF line ends, and the length of a body.
func (s scene) wire() string {
	head, body, hasBody := strings.Cut(s.send, "\n\n")
	head = strings.ReplaceAll(head, "\n", "\r\n")
	if hasBody && body != "" && !strings.Contains(head, "Transfer-Encoding") {
		head += "\r\nContent-Length: " + itoa(len(body))
	}
	return head + "\r\n\r\n" + body
}

// scenes follow what Nordhost's visitors and services do in a day.
var scenes = []scene{
	{
		title: "Anna looks at prices; the request tells her e-mail address and where she was",
		from:  "203.0.113.77",
		send: "GET /pricing?email=anna%40example.dk&page=2 HTTP/1.1\n" +
			"Host: www.nordhost.example\n" +
			"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\n" +
			"Referer: https://forum.example/t/9?u=anna\n" +
			"Cookie: sid=c2Vzc2lvbi1hbm5h; theme=dark",
		personal: []string{"203.0.113.77", "anna%40example.dk", "anna@example.dk", "forum.example/t/9", "u=anna", "c2Vzc2lvbi1hbm5h"},
	},
	{
		title: "a visitor over IPv6, behind a proxy of his own that names another address",
		from:  "2001:db8:1:2::9",
		send: "GET / HTTP/1.1\n" +
			"Host: www.nordhost.example\n" +
			"X-Forwarded-For: 198.51.100.23\n" +
			"User-Agent: curl/8.5.0",
		personal: []string{"2001:db8:1:2::9", "198.51.100.23"},
	},
	{
		title: "Bo logs in: name and password in the body, a session in the cookie",
		from:  "203.0.113.9",
		send: "POST /login HTTP/1.1\n" +
			"Host: dashboard.nordhost.example\n" +
			"Content-Type: application/x-www-form-urlencoded\n" +
			"Cookie: sid=Ym8tc2Vzc2lvbi00Mg\n\n" +
			"username=bo%40example.dk&password=hunter2-hunter2",
		personal: []string{"203.0.113.9", "Ym8tc2Vzc2lvbi00Mg", "bo%40example.dk", "hunter2-hunter2", "bmV3LXNlc3Npb24"},
	},
	{
		title: "a device reports; its identifier is a segment of the path",
		from:  "198.51.100.4",
		send: "GET /device/7f3c1a52-6d0e-11ee-b962-0242ac120002?token=s3cr3t-device-token HTTP/1.1\n" +
			"Host: dashboard.nordhost.example\n" +
			"User-Agent: okhttp/4.12.0",
		personal: []string{"198.51.100.4", "7f3c1a52-6d0e-11ee-b962-0242ac120002", "0242ac120002", "s3cr3t-device-token"},
	},
	{
		title: "a customer's page: her name in the path becomes a pseudonym, the same for a day",
		from:  "203.0.113.80",
		send: "GET /u/clara.holm/orders?q=wheelchair HTTP/1.1\n" +
			"Host: dashboard.nordhost.example",
		personal: []string{"203.0.113.80", "clara.holm", "wheelchair"},
	},
	{
		title: "sign-in by redirect: Location names Anna to the identity provider",
		from:  "203.0.113.77",
		send: "GET /login/start?user=anna%40example.dk HTTP/1.1\n" +
			"Host: dashboard.nordhost.example",
		personal: []string{"203.0.113.77", "anna%40example.dk", "anna@example.dk", "st4te-7781", "login_hint=anna"},
	},
	{
		title: "billing makes a customer at the payment provider; weir is its HTTP proxy",
		send: "POST http://api.stripe.com/v1/customers?email=anna%40example.dk HTTP/1.1\n" +
			"Host: api.stripe.com\n" +
			"Authorization: Bearer sk_test_51Nordhost\n" +
			"Content-Type: application/x-www-form-urlencoded\n\n" +
			"email=anna%40example.dk&name=Anna+Jensen",
		personal: []string{"anna%40example.dk", "sk_test_51Nordhost", "Anna+Jensen"},
	},
	{
		title: "support opens a tunnel to its chat: its domain, bytes and time, nothing else",
		send: "CONNECT nordhost.happyfox.com:443 HTTP/1.1\n" +
			"Host: nordhost.happyfox.com:443",
		inside: "nordhost.happyfox.com",
	},
	{
		title: "the dashboard calls somebody not declared: the registrable domain is written, no more",
		send: "GET http://anna-jensen.api.tracker.example/p?uid=anna-1234567 HTTP/1.1\n" +
			"Host: anna-jensen.api.tracker.example",
		personal: []string{"anna-jensen", "anna-1234567"},
	},
	{
		title: "somebody tries to smuggle a request: refused and closed, nothing sent on",
		from:  "192.0.2.66",
		send: "POST /login HTTP/1.1\n" +
			"Host: www.nordhost.example\n" +
			"Content-Length: 4\n" +
			"Transfer-Encoding: chunked\n\n" +
			"0\r\n\r\nGET /admin?as=anna%40example.dk HTTP/1.1\r\n\r\n",
		personal: []string{"192.0.2.66", "anna%40example.dk"},
	},
	{
		title: "a provider is down: the caller gets 502, the entry says why, no more",
		send: "GET http://us1.api.mailchimp.com/3.0/lists/7/members/bo%40example.dk HTTP/1.1\n" +
			"Host: us1.api.mailchimp.com",
		personal: []string{"bo%40example.dk", "bo@example.dk"},
	},
}
