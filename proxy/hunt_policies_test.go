package proxy

// huntHead is what the policies begin with that keep entries for as long.
func huntHead(retain string) string {
	return `
controller: {name: Hunt ApS, country: DK, contact: privacy@hunt.example}
defaults: {retain: ` + retain + `}
`
}

// huntRoutes are those that most of them have.
const huntRoutes = `routes:
  - at: /device/{id}
  - at: /u/{who:user.unique_id}/orders
`

// huntPolicies are those under which the hunt is held. Where one keeps what
// stands beside identifiers, only identifiers are put: see among.
var huntPolicies = []struct{ name, text string }{
	{"nothing allowed", huntHead("30d")},
	{"typical", huntHead("30d") + huntRoutes + `  - at: /3.0/lists/{id}/members/{member}
fields:
  request.body.**.kundenr: x.customer
subjects: [user.contact.email, x.customer]
redact:
  - name: addresses are truncated
    when: field.category.within("user.device.ip_address")
    then: truncate(24, 48)
  - name: people we recognise again for a day
    when: field.category.within("user.contact.email") || field.category.within("user.unique_id")
    then: hash()
  - name: sessions are counted, not followed
    when: field.category.within("user.device.cookie_id")
    then: hash()
  - name: where a visitor came from, not the page
    when: field.category.within("user.behavior.browsing_history")
    then: origin()
  - name: the page of a list
    when: field.place == "url.query.page"
    then: keep()
`},
	{"generous", huntHead("90d") + huntRoutes + `  - at: /mail/{to:user.contact.email}
fields:
  request.header.x-tenant: x.tenant
  "*.body.**.kundenr": user.unique_id
subjects: [user, x.tenant]
redact:
  - name: addresses are hashed
    when: field.category.within("user.device.ip_address")
    then: hash()
  - name: URLs are written by their parts
    when: field.place in ["request.header.referer", "response.header.location", "response.header.content-location", "response.header.link", "response.header.refresh"]
    then: keep()
  - name: the rest of URLs is the origin
    when: field.category.within("user.behavior.browsing_history")
    then: origin()
  - name: passwords are masked
    when: field.category.within("user.authorization.password")
    then: mask()
  - name: credentials are replaced
    when: field.category.within("user.authorization")
    then: replace("credential")
  - name: everything of people is hashed
    when: field.category.within("user")
    then: hash()
  - name: what these hold beside identifiers is kept
    when: >-
      field.category == "" && field.place in ["url.query.q", "url.query.page", "request.header.x-note", "request.cookie.theme",
      "request.header.accept-language", "request.trailer.x-note", "response.header.x-note", "response.cookie.theme", "response.trailer.x-note"]
    then: keep()
  - name: our own are kept
    when: field.category in ["x.tenant"]
    then: keep()
`},
	{"generalised", huntHead("7d") + huntRoutes + `fields:
  url.query.born: user.demographic.date_of_birth
  url.query.q: x.sum
  request.header.x-note: x.position
redact:
  - name: clients are encrypted bit by bit
    when: field.place == "client.address" && field.category != ""
    then: encrypt_prefix()
  - name: addresses are encrypted
    when: field.category.within("user.device.ip_address")
    then: encrypt()
  - name: of mail the domain
    when: field.category.within("user.contact.email")
    then: domain()
  - name: of phones the country
    when: field.category.within("user.contact.phone_number")
    then: phone_country()
  - name: of births the month
    when: field.category.within("user.demographic.date_of_birth")
    then: month()
  - name: of agents the family
    when: field.place == "request.header.user-agent" && field.category != "x.sum"
    then: family()
  - name: of URLs the template
    when: field.category.within("user.behavior.browsing_history") || field.place.within("response.header.location")
    then: template()
  - name: sums in thousands
    when: field.category == "x.sum"
    then: bucket(1000)
  - name: places within kilometres
    when: field.category == "x.position"
    then: coordinates(1)
  - name: what else is of people is named
    when: field.category.within("user")
    then: replace()
  - name: years of what else there is
    when: field.category == "" && field.kind in ["query", "header", "cookie"]
    then: year()
retain:
  - name: what is asked with a body
    when: request.method == "POST"
    then: keep_for(years(5)).by_law("Bookkeeping Act")
  - name: what fails
    when: int(request.header["x-note"]) > 7 || int(request.query["q"]) > 7
    then: keep_for(days(1)).erasure().only(["http.request.method", "url.path", "http.request.header.*", "http.response.status_code", "error.type", "flow.visibility", "redacted"])
`},
}
