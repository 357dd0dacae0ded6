package main

import "fmt"

func (m *maker) agent() sample { return sample{Text: m.userAgent()} }

// userAgent is one as browsers, applications, tools and crawlers send them.
func (m *maker) userAgent() string {
	chrome := func() string { // since 2022 it tells no more than its major version
		if m.IntN(3) > 0 {
			return fmt.Sprintf("%d.0.0.0", 100+m.IntN(46))
		}
		return fmt.Sprintf("%d.0.%d.%d", 70+m.IntN(75), 3000+m.IntN(4500), m.IntN(255))
	}
	webkit := one(m, []string{"537.36", "605.1.15", "604.1", "534.30"})
	windows := "Windows NT " + one(m, []string{"10.0", "6.1", "6.3"}) + one(m, []string{"; Win64; x64", "; WOW64", ""})
	macintosh := fmt.Sprintf("Macintosh; Intel Mac OS X 10_%d_%d", 9+m.IntN(7), m.IntN(8))
	android := fmt.Sprintf("Linux; Android %d%s; %s", 5+m.IntN(11), one(m, []string{"", ".0", ".1.1", ".0.2"}), one(m, []string{"SM-G991B", "SM-A546B Build/UP1A.231005.007", "Pixel 8 Pro", "moto g(30)", "M2101K6G", "K", "CPH2413", "ANE-LX1 Build/HUAWEIANE-L21"}))
	iphone := fmt.Sprintf("iPhone; CPU iPhone OS %d_%d%s like Mac OS X", 11+m.IntN(16), m.IntN(8), one(m, []string{"", "_1", "_2"}))
	switch m.IntN(16) {
	case 0, 1:
		return fmt.Sprintf("Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s Safari/537.36", windows, chrome())
	case 2:
		return fmt.Sprintf("Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s Safari/537.36 Edg/%s", windows, chrome(), chrome())
	case 3:
		return fmt.Sprintf("Mozilla/5.0 (%s; rv:%d.0) Gecko/20100101 Firefox/%d.0", one(m, []string{windows, macintosh, "X11; Ubuntu; Linux x86_64"}), 60+m.IntN(86), 60+m.IntN(86))
	case 4:
		return fmt.Sprintf("Mozilla/5.0 (%s) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%d.%d Safari/605.1.15", macintosh, 12+m.IntN(15), m.IntN(7))
	case 5, 6:
		return fmt.Sprintf("Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s Mobile Safari/537.36", android, chrome())
	case 7:
		return fmt.Sprintf("Mozilla/5.0 (%s) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%d.%d Mobile/15E%d Safari/604.1", iphone, 11+m.IntN(16), m.IntN(6), 100+m.IntN(200))
	case 8:
		return fmt.Sprintf("Mozilla/5.0 (%s) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21F90 [FBAN/FBIOS;FBAV/%d.0.0.%d.%d;FBBV/%d;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.5.1;FBSS/3;FBID/phone;FBLC/da_DK;FBOP/5]",
			iphone, 300+m.IntN(200), 20+m.IntN(80), 60+m.IntN(60), 400000000+m.IntN(200000000))
	case 9:
		return fmt.Sprintf("Mozilla/5.0 (%s; wv) AppleWebKit/%s (KHTML, like Gecko) Version/4.0 Chrome/%s Mobile Safari/%s Instagram %d.0.0.%d.%d Android", android, webkit, chrome(), webkit, 200+m.IntN(150), 10+m.IntN(40), 100+m.IntN(20))
	case 10:
		return fmt.Sprintf("Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/%d.0 Chrome/%s Mobile Safari/537.36", android, 10+m.IntN(18), chrome())
	case 11:
		return fmt.Sprintf("%s/%d.%d.%d", one(m, []string{"curl", "Wget", "python-requests", "okhttp", "axios", "Go-http-client", "PostmanRuntime", "libwww-perl", "node-fetch", "aiohttp"}), m.IntN(9), m.IntN(90), m.IntN(20))
	case 12:
		return one(m, []string{
			"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
			"Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
			"Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", "Twitterbot/1.0", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
		})
	case 13:
		return fmt.Sprintf("Opera/9.80 (%s) Presto/2.12.%d Version/12.%d", windows, 300+m.IntN(90), 10+m.IntN(9))
	case 14:
		return fmt.Sprintf("Mozilla/5.0 (%s; Trident/7.0; .NET4.0C; .NET4.0E; .NET CLR 2.0.50727; .NET CLR 3.0.30729; .NET CLR 3.5.30729; rv:11.0) like Gecko", windows)
	}
	return fmt.Sprintf("NordShop/%d.%d.%d (dk.nordhost.shop; build:%d; iOS %d.%d.%d) Alamofire/5.%d.%d", m.IntN(20), m.IntN(30), m.IntN(9), 1000+m.IntN(90000), 13+m.IntN(13), m.IntN(7), m.IntN(3), m.IntN(10), m.IntN(5))
}
