"""The names of well-known sources, and the hosts, Android apps and tags that they are known by.

A line is `Name: ...`. What follows with a dot is a host, which stands for all below it, or the
package of an Android app; without a dot, it is what people write into utm_source, with a `$`
for advertisements. The name is such a tag too, unless it is a common word. google.co.uk is
looked up as google.com.

Compiled from Matomo's lists of search engines, social networks and AI assistants (CC0), from
Google's published categories of sources, and what both lack. Google's category counts where it
has one (Stack Overflow is social, MSN is search), but a mail service is a mail service.
"""

from __future__ import annotations

# Brands with a host in many countries: brand.de, brand.co.uk, brand.com.br.
COUNTRY_BRANDS = frozenset(
    {
        *("aliexpress", "amazon", "aol", "ask", "blogspot", "ebay", "fnac", "glassdoor"),
        *("google", "idealo", "jumia", "kelkoo", "lazada", "lycos", "mercadolibre"),
        *("mercadolivre", "olx", "pinterest", "pricerunner", "rakuten", "shopee"),
        *("tripadvisor", "vinted", "wayfair", "yahoo", "yandex", "yelp", "zalando"),
    }
)

# Names that a site may well have chosen as a tag of its own.
COMMON_WORDS = frozenset(
    {
        *("argos", "band", "bonanza", "fandom", "feedspot", "felo", "g2", "gab", "goo", "hey"),
        *("kick", "liner", "loom", "lumo", "mamma", "manus", "matrix", "max", "mix", "monica"),
        *(
            "nate",
            "nebula",
            "nifty",
            "other",
            "pi",
            "poe",
            "refind",
            "shop",
            "sider",
            "signal",
            "spark",
        ),
        *("steam", "target", "yep", "zen"),
    }
)

SEARCH = """
360 Search: so.com 360.cn haosou.com
AOL: aol.com
Ask: ask.com search-results.com
auone: search.auone.jp
Avast: search.avast.com secureline.avast.com
Avira: search.avira.com search.avira.net
Baidu: baidu.com com.baidu.searchbox
Biglobe: search.biglobe.ne.jp
Bing: bing.com cc.bingj.com ntp.msn.com com.microsoft.bing microsoftads$
Bluewin: search.bluewin.ch
Brave Search: search.brave.com brave
Centrum: centrum.cz
Cốc Cốc: coccoc.com
Daum: daum.net
docomo: search.smt.docomo.ne.jp
Dogpile: dogpile.com
DuckDuckGo: duckduckgo.com ddg
Ecosia: ecosia.org com.ecosia.android
Eniro: eniro.se
Excite: excite.com excite.co.jp
Gibiru: gibiru.com
GMX Search: suche.gmx.net search.gmx.com suche.gmx.at
goo: search.goo.ne.jp
Google: google.com webcache.googleusercontent.com googlesyndicatedsearch.com
  com.google.android.googlequicksearchbox com.google.android.apps.searchlite
  adwords$ gads$ googleads$
Google Images: images.google.com
Google Lens: lens.google.com
Google Maps: maps.google.com com.google.android.apps.maps
Google News: news.google.com com.google.android.apps.magazines
Google Play: play.google.com com.android.vending
Google Scholar: scholar.google.com
Info.com: info.com
Kagi: kagi.com
Karma Search: karmasearch.org
Kvasir: kvasir.no
Le Moteur: lemoteur.orange.fr
Lilo: search.lilo.org lilo.org
Lycos: lycos.com
Mail.ru Search: go.mail.ru
Mamma: mamma.com
McAfee: search.mcafee.com
MetaCrawler: metacrawler.com
MetaGer: metager.de metager.org
Mojeek: mojeek.com mojeek.co.uk
MSN: msn.com
Najdi: najdi.si
Nate: search.nate.com
Naver: naver.com com.nhn.android.search
Nifty: search.nifty.com
Norton Safe Search: search.norton.com
Onet: onet.pl
Petal Search: petalsearch.com
Presearch: presearch.com presearch.org
Qwant: qwant.com com.qwant.liberty
Rakuten Search: websearch.rakuten.co.jp
Rambler: rambler.ru nova.rambler.ru
SAPO: pesquisa.sapo.pt
Search.ch: search.ch
Searx: searx.be searx.space searx.info searxng.org
Seznam: seznam.cz
Shenma: sm.cn
Sogou: sogou.com
Startpage: startpage.com ixquick.com ixquick.eu
Startsiden: startsiden.no
Swisscows: swisscows.com swisscows.ch
T-Online Search: suche.t-online.de
Toutiao Search: so.toutiao.com
UKR.NET Search: search.ukr.net
UOL: busca.uol.com.br
Virgilio: virgilio.it
Walla: search.walla.co.il
WEB.DE Search: suche.web.de
WebCrawler: webcrawler.com
Wirtualna Polska: szukaj.wp.pl
Xfinity: search.xfinity.com search.comcast.net
Yahoo: yahoo.com
Yandex: yandex.com ya.ru com.yandex.searchapp ru.yandex.searchplugin yandexdirect$
Yep: yep.com
Zapmeta: zapmeta.com
Zoznam: zoznam.sk
Zum: zum.com
"""

AI = """
Character.AI: character.ai ai.character.app
ChatGLM: chatglm.cn z.ai
ChatGPT: chatgpt.com chat.openai.com openai.com com.openai.chatgpt openai gpt
Claude: claude.ai claude.com com.anthropic.claude anthropic
Copilot: copilot.microsoft.com copilot.cloud.microsoft copilot.com m365.cloud.microsoft
  edgeservices.bing.com com.microsoft.copilot microsoftcopilot
DeepSeek: deepseek.com com.deepseek.chat
Doubao: doubao.com
ERNIE: yiyan.baidu.com ernie.baidu.com chat.baidu.com
Felo: felo.ai
Gemini: gemini.google.com bard.google.com com.google.android.apps.bard bard googlegemini
Genspark: genspark.ai
Grok: grok.com x.ai ai.x.grok xai
iAsk: iask.ai
Jasper: jasper.ai
Kimi: kimi.com kimi.ai kimi.moonshot.cn moonshot.cn
Le Chat: chat.mistral.ai mistral.ai mistral lechat
Liner: getliner.com liner.com
Lumo: lumo.proton.me
Manus: manus.im
Meta AI: meta.ai com.facebook.stella metaai
MiniMax: minimax.io hailuo.ai
Monica: monica.im
NotebookLM: notebooklm.google.com notebooklm.google
Perplexity: perplexity.ai pplx.ai perplexity.com ai.perplexity.app.android pplx
Phind: phind.com
Pi: pi.ai
Poe: poe.com com.poe.android
Qwen: qwen.ai tongyi.com tongyi.aliyun.com qianwen.com
Sider: sider.ai
You.com: you.com
Yuanbao: yuanbao.tencent.com
"""

SOCIAL = """
Academia.edu: academia.edu
Ameba: ameba.jp ameblo.jp
Ask Ubuntu: askubuntu.com
Badoo: badoo.com
Baidu Tieba: tieba.baidu.com zhidao.baidu.com
Band: band.us
Bereal: bere.al bereal.com
Blogger: blogger.com blogspot.com
Bluesky: bsky.app go.bsky.app bsky.social xyz.blueskyweb.app bsky
Buffer: buffer.com
Classmates: classmates.com
daily.dev: daily.dev
DeviantArt: deviantart.com
Digg: digg.com
Diigo: diigo.com
Discord: discord.com discordapp.com discord.gg com.discord
Disqus: disqus.com disq.us
Douban: douban.com
Douyin: douyin.com iesdouyin.com
Dribbble: dribbble.com
DZone: dzone.com
Ekşi Sözlük: eksisozluk.com
Facebook: facebook.com fb.com fb.me fbcdn.net facebook.net com.facebook.katana com.facebook.lite
  fb fbook fcb meta
Fandom: fandom.com
Fark: fark.com
Feedspot: feedspot.com
Flickr: flickr.com flic.kr
Flipboard: flipboard.com flip.it flipboard.app
Foursquare: foursquare.com
Gab: gab.com
Gettr: gettr.com
Glassdoor: glassdoor.com
Goodreads: goodreads.com
Google Groups: groups.google.com googlegroups.com
Google Sites: sites.google.com
gutefrage.net: gutefrage.net
Habbo: habbo.com
Hacker News: news.ycombinator.com hckrnews.com hacker-news.com io.github.hidroh.materialistic
  hn ycombinator
Hashnode: hashnode.com hashnode.dev
Hatena: hatena.ne.jp hatenablog.com hatenablog.jp
Hootsuite: hootsuite.com ow.ly
Houzz: houzz.com
Hubpages: hubpages.com
Indie Hackers: indiehackers.com
Instagram: instagram.com ig.me com.instagram.android ig insta
Instapaper: instapaper.com
Kaixin: kaixin001.com
KakaoTalk: kakao.com kakaocorp.com com.kakao.talk kakao
Kuaishou: kuaishou.com
last.fm: last.fm lastfm.de lastfm.fr lastfm.es lastfm.com.br
Lemmy: lemmy.world lemmy.ml lemmy.ca beehaw.org feddit.org feddit.de sh.itjust.works
LINE: line.me liff.line.me jp.naver.line.android
LinkedIn: linkedin.com lnkd.in com.linkedin.android li
LiveJournal: livejournal.com livejournal.ru
Lobsters: lobste.rs
Mastodon: mastodon.social mastodon.online mastodon.world mastodon.cloud joinmastodon.org mas.to
  mstdn.social mstdn.jp mstdn.ca fosstodon.org hachyderm.io infosec.exchange techhub.social
  chaos.social troet.cafe universeodon.com ioc.exchange pawoo.net aus.social
  mastodon.gamedev.place social.vivaldi.net phanpy.social elk.zone org.joinmastodon.android
Matrix: matrix.to element.io
Medium: medium.com com.medium.reader
Meetup: meetup.com
Meneame: meneame.net
Messenger: messenger.com m.me com.facebook.orca
MeWe: mewe.com
Microsoft Teams: teams.microsoft.com teams.cdn.office.net teams.live.com com.microsoft.teams
Misskey: misskey.io
Mix: mix.com stumbleupon.com
mixi: mixi.jp
Moi Mir: my.mail.ru
MyAnimeList: myanimelist.net
MyHeritage: myheritage.com
MySpace: myspace.com
Naver Blog: blog.naver.com m.blog.naver.com
Naver Cafe: cafe.naver.com m.cafe.naver.com kin.naver.com
Nextdoor: nextdoor.com nextdoor.co.uk nextdoor.de
niconico: nicovideo.jp
Odnoklassniki: ok.ru odnoklassniki.ru ru.ok.android
Parler: parler.com
Pearltrees: pearltrees.com
Pikabu: pikabu.ru
Pinboard: pinboard.in
Pinterest: pinterest.com pin.it com.pinterest
Pixelfed: pixelfed.social
Pixiv: pixiv.net
Plurk: plurk.com
Pocket: getpocket.com pocket.co com.ideashower.readitlater.pro
Product Hunt: producthunt.com ph
QQ: qq.com qzone.qq.com com.tencent.mobileqq
Quora: quora.com com.quora.android
Ravelry: ravelry.com
Reddit: reddit.com redd.it redditmedia.com com.reddit.frontpage com.laurencedawson.reddit_sync
  com.andrewshu.android.reddit me.ccrama.redditslide free.reddit.news
Refind: refind.com
Renren: renren.com
ResearchGate: researchgate.net
Scoop.it: scoop.it
Scribd: scribd.com
Server Fault: serverfault.com
ShareChat: sharechat.com
Signal: signal.org signal.me
Skype: skype.com com.skype.raider
Slack: slack.com slack-redir.net com.slack
Slashdot: slashdot.org
SlideShare: slideshare.net
SmartNews: smartnews.com jp.gocro.smartnews.android
Snapchat: snapchat.com com.snapchat.android snap
Stack Exchange: stackexchange.com stackapps.com mathoverflow.net
Stack Overflow: stackoverflow.com
Steam: steamcommunity.com steampowered.com
Substack: substack.com
Super User: superuser.com
Taringa: taringa.net
Techmeme: techmeme.com
Telegram: t.me telegram.me telegram.org telegram.dog org.telegram.messenger
  org.telegram.messenger.web org.thunderdog.challegram tg
Threads: threads.net threads.com com.instagram.barcelona
TikTok: tiktok.com tiktokv.com com.zhiliaoapp.musically com.ss.android.ugc.trill
Tildes: tildes.net
Tripadvisor: tripadvisor.com
Trustpilot: trustpilot.com
Truth Social: truthsocial.com
Tumblr: tumblr.com t.umblr.com com.tumblr
V2EX: v2ex.com
Viadeo: viadeo.com
Viber: viber.com com.viber.voip
VK: vk.com vk.ru vk.me vkontakte.ru com.vkontakte.android vkontakte
Warpcast: warpcast.com farcaster.xyz
Wattpad: wattpad.com
WeChat: wechat.com weixin.qq.com com.tencent.mm weixin
Weibo: weibo.com weibo.cn t.cn com.sina.weibo
WhatsApp: whatsapp.com whatsapp.net wa.me com.whatsapp com.whatsapp.w4b wa
WordPress: wordpress.com wordpress.org wp.com
Wykop: wykop.pl
X (Twitter): twitter.com x.com t.co com.twitter.android twitter x tw
Xiaohongshu: xiaohongshu.com xhslink.com xhs rednote
XING: xing.com com.xing.android
Yahoo Answers: answers.yahoo.com chiebukuro.yahoo.com
Yammer: yammer.com engage.cloud.microsoft
Yelp: yelp.com
Zalo: zalo.me zaloapp.com com.zing.zalo
Zhihu: zhihu.com
Zoom: zoom.us
"""

VIDEO = """
Bilibili: bilibili.com b23.tv bilibili.tv
Crackle: crackle.com
CuriosityStream: curiositystream.com
DailyMotion: dailymotion.com dai.ly
Disney+: disneyplus.com
DTube: d.tube
Hulu: hulu.com
iQIYI: iqiyi.com iq.com
Kick: kick.com
Loom: loom.com
Max: max.com hbomax.com
Nebula: nebula.tv nebula.app
Netflix: netflix.com
Odysee: odysee.com lbry.tv
PeerTube: joinpeertube.org peertube.tv framatube.org
Prime Video: primevideo.com
Rumble: rumble.com
Rutube: rutube.ru
TED: ted.com
Tencent Video: v.qq.com
Twitch: twitch.tv tv.twitch.android.app
Utreon: utreon.com playeur.com
Veoh: veoh.com
Vevo: vevo.com
Vimeo: vimeo.com
Wistia: wistia.com wistia.net
Youku: youku.com
YouTube: youtube.com youtu.be youtube-nocookie.com com.google.android.youtube yt ytb
"""

SHOPPING = """
11st: 11st.co.kr
Alibaba: alibaba.com 1688.com
AliExpress: aliexpress.com
Allegro: allegro.pl allegro.cz
Amazon: amazon.com amazon-adsystem.com a.co amzn.to amzn.com com.amazon.mshop.android.shopping
Argos: argos.co.uk
Avito: avito.ru
Best Buy: bestbuy.com
bol: bol.com
Bonanza: bonanza.com
Cdiscount: cdiscount.com
Ceneo: ceneo.pl
Coupang: coupang.com
Craigslist: craigslist.org
Depop: depop.com
eBay: ebay.com com.ebay.mobile
eMAG: emag.ro emag.hu emag.bg
Etsy: etsy.com com.etsy.android
Flipkart: flipkart.com
Fnac: fnac.com
Gmarket: gmarket.co.kr
Google Shopping: shopping.google.com
Hepsiburada: hepsiburada.com
Heureka: heureka.cz heureka.sk
idealo: idealo.com
IKEA: ikea.com
Instagram Shopping: igshopping
JD.com: jd.com
Jumia: jumia.com
Kelkoo: kelkoo.com
Kleinanzeigen: kleinanzeigen.de ebay-kleinanzeigen.de
Lazada: lazada.com
Leboncoin: leboncoin.fr
Marktplaats: marktplaats.nl
Mercado Libre: mercadolibre.com mercadolivre.com
Mercari: mercari.com
Naver Shopping: shopping.naver.com smartstore.naver.com
Newegg: newegg.com
OLX: olx.com
OTTO: otto.de
Ozon: ozon.ru
Pinduoduo: pinduoduo.com yangkeduo.com
PriceRunner: pricerunner.com
PriceSpy: pricespy.co.uk prisjakt.nu
Rakuten: rakuten.com
SHEIN: shein.com
Shop: shop.app
Shopee: shopee.com
Shopify: shopify.com myshopify.com
Shopzilla: shopzilla.com
Stripe: stripe.com
Taobao: taobao.com
Target: target.com
Temu: temu.com
Tmall: tmall.com
Tokopedia: tokopedia.com
Trendyol: trendyol.com
Vinted: vinted.com
Wallapop: wallapop.com
Walmart: walmart.com
Wayfair: wayfair.com
Wildberries: wildberries.ru wb.ru
Yahoo Shopping: shopping.yahoo.com
Zalando: zalando.com
"""

EMAIL = """
AOL Mail: mail.aol.com
Apple Mail: icloud.com
BlueMail: me.bluemail.mail
Comcast Mail: mail.comcast.net connect.xfinity.com
Daum Mail: mail.daum.net mail.kakao.com
E-Mail for Samsung: com.samsung.android.email.provider
Fastmail: fastmail.com fastmail.fm
Free.fr Mail: zimbra.free.fr webmail.free.fr
freenet Mail: webmail.freenet.de email.freenet.de
Gmail: mail.google.com gmail.com com.google.android.gm googlemail
GMX: gmx.net gmx.com gmx.de gmx.at gmx.ch deref-gmx.net deref-gmx.com deref-gmx.co.uk
Hey: hey.com
Interia Poczta: poczta.interia.pl
IONOS Mail: mail.ionos.com mail.ionos.de mail.ionos.co.uk mail.ionos.fr
K-9 Mail: com.fsck.k9
La Poste: laposte.net
Libero Mail: mail.libero.it mail1.libero.it
Mail.com: mail.com deref-mail.com
Mail.ru: mail.ru ru.mail.mailapp
Mailchimp: mailchi.mp campaign-archive.com list-manage.com
Mailo: mailo.com
Naver Mail: mail.naver.com
NetEase Mail: mail.163.com mail.126.com
O2 Poczta: poczta.o2.pl
Onet Poczta: poczta.onet.pl
Orange Mail: messagerie.orange.fr mail.orange.fr mail01.orange.fr
Outlook: outlook.com outlook.live.com mail.live.com hotmail.com outlook.office.com
  outlook.office365.com outlook.cloud.microsoft safelinks.protection.outlook.com
  com.microsoft.office.outlook
Proton Mail: mail.proton.me protonmail.com ch.protonmail.android
QQ Mail: mail.qq.com exmail.qq.com
Rambler Mail: mail.rambler.ru
Rediffmail: mail.rediff.com rediffmail.com
Seznam Email: email.seznam.cz
SFR Mail: messagerie.sfr.fr webmail.sfr.fr
Spark: com.readdle.spark
Superhuman: mail.superhuman.com
T-Online E-Mail: email.t-online.de
Tuta: mail.tutanota.com app.tuta.com tuta.com
UKR.NET: mail.ukr.net
WEB.DE: web.de deref-web.de
WP Poczta: poczta.wp.pl
Yahoo Mail: mail.yahoo.com com.yahoo.mobile.client.android.mail
Yandex Mail: mail.yandex.com
Zoho Mail: mail.zoho.com mail.zoho.eu mail.zoho.in
"""

# Known by name, of no category: their visitors are referrals.
OTHER = """
AlternativeTo: alternativeto.net
App Store: apps.apple.com itunes.apple.com
Apple: apple.com
Apple News: apple.news
Asana: asana.com
Atlassian: atlassian.com atlassian.net
Bitbucket: bitbucket.org bitbucket.io
Booking.com: booking.com
Canva: canva.com
Capterra: capterra.com
ClickUp: clickup.com
Codeberg: codeberg.org
Confluence: confluence.com
Crunchbase: crunchbase.com
DEV Community: dev.to
Docker Hub: hub.docker.com
Dropbox: dropbox.com
Evernote: evernote.com
Feedly: feedly.com
Figma: figma.com
G2: g2.com
GitHub: github.com github.io githubusercontent.com com.github.android
GitLab: gitlab.com gitlab.io
Google Account: accounts.google.com myaccount.google.com
Google Ads: doubleclick.net googlesyndication.com googleadservices.com ads.google.com
Google Analytics: analytics.google.com tagassistant.google.com tagmanager.google.com
Google Calendar: calendar.google.com
Google Chat: chat.google.com
Google Classroom: classroom.google.com
Google Cloud: cloud.google.com
Google Docs: docs.google.com com.google.android.apps.docs
Google Drive: drive.google.com
Google Meet: meet.google.com
Google Photos: photos.google.com
Google Support: support.google.com
Google Translate: translate.google.com translate.goog translate.googleusercontent.com
Habr: habr.com
Hugging Face: huggingface.co hf.co
IMDb: imdb.com
Inoreader: inoreader.com
Internet Archive: archive.org
Ko-fi: ko-fi.com
Linktree: linktr.ee
Microsoft: microsoft.com microsoftonline.com live.com
Microsoft 365: office.com office365.com sharepoint.com
Miro: miro.com
monday.com: monday.com
NewsBlur: newsblur.com
NewsBreak: newsbreak.com
Notion: notion.so notion.site notion.com
npm: npmjs.com
Outbrain: outbrain.com
Patreon: patreon.com
PayPal: paypal.com
PyPI: pypi.org
Raindrop.io: raindrop.io
SourceForge: sourceforge.net
Spotify: spotify.com
Taboola: taboola.com
Toutiao: toutiao.com
Trello: trello.com
Upday: upday.com
Wikimedia: wikimedia.org wikidata.org
Wikipedia: wikipedia.org
Yahoo News: news.yahoo.com
Zapier: zapier.com
Zen: dzen.ru zen.yandex.com
Zendesk: zendesk.com
"""
