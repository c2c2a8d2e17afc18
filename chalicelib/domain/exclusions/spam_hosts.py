"""Sites that send fake referrers so that readers of the statistics visit them.

Well-known ones from the list of the Matomo community (public domain). Hosts that real visitors
come from as well are left out: link shorteners, advertising networks, hosting, and city domains
with sites of anyone.
"""

from __future__ import annotations

SPAM_HOSTS = """
01casino-x.ru 03e.info 0n-line.tv 100dollars-seo.com 12u.info 1kreditzaim.ru 1pamm.ru
1webmaster.ml 1wek.top 1winru.ru 2-easy.xyz 2-go-now.xyz 24h.doctor 24x7-server-support.site
2your.site 3-letter-domains.net 3waynetworks.com 40momporntube.com 4inn.ru 4istoshop.com
4webmasters.org 4xcasino.ru 5-steps-to-start-business.com 5forex.ru 6hopping.com 70casino.online
7kop.ru 7makemoneyonline.com 7milliondollars.com 7zap.com 8xv8.com abcdefh.xyz abcdeg.xyz
abclauncher.com abuser.shop acads.net acunetix-referrer.com adanih.com adspart.com adtiger.tk
adviceforum.info affiliate-programs.biz affordablewebsitesandmobileapps.com ai-seo-services.com
albuteroli.com alfabot.xyz alibestsale.com aliexsale.ru alkanfarma.org allcryptonews.com
allergick.com allknow.info allmarketsnewdayli.gdn allnews24.in allwomen.info allwrighter.ru
alpharma.net amazon-seo-service.com amp-project.pro anabolics.shop anal-acrobats.hol.es
analytics-ads.xyz android-style.com anti-crisis-seo.com anticrawler.org anydesk.site
apollon-market-url.org applepharma.ru arendovalka.xyz artblog.top artpress.top atleticpharm.org
auto-b2b-seo-service.com auto-seo-service.org autoseo-service.org autoseo-traffic.com
autoseotips.com autovideobroadcast.com avkzarabotok.info azartclub.org backlinks-fast-top.com
bahisgunceladresi.com baixar-musicas-gratis.com balkanfarma.org bdf-tracker.top
best-deal-hdd.pro best-ping-service-usa.blue best-seo-offer.com best-seo-software.xyz
best-seo-solution.com bestfortraders.com bestofferhddbyt.info bestofferhddeed.info
bestvpnrating.com bestwebsitesawards.com bet-winner1.ru bet2much.ru betslive.ru bif-ru.info
biglistofwebsites.com billyblog.online bin-brokers.com biteg.xyz bitniex.com black-friday.ga
blackhatworth.com blog100.org blog2019.top blog2019.xyz blog4u.top blogking.top blogseo.xyz
blogstar.fun blogtotal.de blue-square.biz bluerobot.info bo-vtb24.ru boltalko.xyz
bonus-betting.ru bonus-spasibo-sberbank.ru bonus-vtb.ru boost24.biz boostmyppc.com bpro1.top
brakehawk.com brateg.xyz bravica.biz bravica.com bravica.me bravica.net bravica.news
bravica.online bravica.pro bravica.ru bravica.su break-the-chains.com brillianty.info bsell.ru
btcnix.com budilneg.xyz buketeg.xyz bukleteg.xyz burger-imperia.com burn-fat.ga
business-online-sberbank.ru buttons-for-website.com buttons-for-your-website.com
buy-cheap-online.info buy-cheap-pills-order-online.com buy-forum.ru buy-meds24.com buynorxx.com
buypillsonline24h.com call-of-duty.info cannazon-market.org carder.me carder.tv carders.ug
cardsdumps.com cashforum.cc casino-v.site casino-vulkane.com casinox-jp.com cazino-v.online
cazino-v.ru ccfullzshop.com cenokos.ru cenoval.ru certifywebsite.win cezartabac.ro
chatrazvrat.ru chcu.net cheap-trusted-backlinks.com cheapkeys.ovh cheappills24h.com
chinese-amezon.com chizhik-2.ru cityadspix.com clothing-deal.club club-lukojl.ru coderstate.com
codysbbq.com connectikastudio.com copyrightclaims.org copyrightinstitute.org covadhosting.biz
crazy-mining.org credit-card-tinkoff.ru credit-cards-online24.ru crypto-mining.club
cyber-monday.ga dailyrank.net dailyseo.xyz darknet-hydra-onion.biz darknet.sb
darknetsitesguide.com darodar.com dbutton.net delo.fund dengi-v-kredit.in.ua
descargar-musica-gratis.net dev-seo.blog devochki-video.ru dienai.ru dipstar.org djekxa.ru
djonwatch.ru dktr.ru docs4all.com docsarchive.net docsportal.net documentbase.net
documentserver.net documentsite.net doggyhealthy.com dojki-devki.ru dojki-hd.com
domain-tracker.com dominateforex.ml domination.ml dosugrostov.site doxyporno.com doxysexy.com
drugs-no-rx.info drugstoreforyou.com duitbux.info dumpsccshop.com e-buyeasy.com
e-commerce-seo.com e-commerce-seo1.com earn-from-articles.com earnian-money.info easycommerce.cf
ecblog.xyz ecommerce-seo.org econom.co edakgfvwql.ru edmed-sonline.com edudocs.net
eduinfosite.com eduserver.net ekatalog.xyz elmifarhangi.com empire-market.org empire-market.xyz
empiremarket-link.org empiremarketlink24.com energysexy.com ero-video-chat.org erofus.online
eropho.com eropho.net erotag.com escort-russian.com eurocredit.xyz event-tracking.com
exclusive-profit.com exdocsfiles.com exotic-video-chat.ru eyes-on-you.ga f1nder.org fanoboi.com
fast-wordpress-start.com fbdownloader.com filesclub.net filesdatabase.net
financial-simulation.com finansov.info fix-website-errors.com floating-share-buttons.com
flyblog.xyz for-marketersy.info for-your.website forex-procto.ru forsex.info forum69.info
foxweber.com free-fb-traffic.com free-fbook-traffic.com free-floating-buttons.com
free-share-buttons.com free-traffic.xyz free-video-chat.ru free-video-tool.com
free-website-traffic.com freewhatsappload.com fullzdumps.cc game300.ru gandikapper.ru
gays-video-chat.ru gearsadspromo.club generalporn.org get-clickize.info
get-free-social-traffic.com get-free-traffic-now.com get-seo-help.com
get-your-social-buttons.info getaadsincome.info getadsincomely.info getfy-click.info
getlamborghini.ga getpy-click.info getrichquick.ml getrichquickly.info ghazel.ru
ghostvisitor.com girlporn.ru glavprofit.ru global-smm.ru gobongo.info golyedevushki.com
google-liar.ru googlemare.com googlsucks.com growth-hackingan.info growth-hackingor.info
growth-hackingy.info guardlink.org halat.xyz happysong.ru hard-porn.mobi havepussy.com
hdmoviecamera.net hdmoviecams.com headpharmacy.com hentai-manga.porn heroero.com
homeafrikalike.tk homemypicture.tk hongfanji.com hosting-tracker.com hotblognetwork.com
howtostopreferralspam.eu hulfingtonpost.com humanorightswatch.org hundejo.com hvd-store.com
hydra-centr.fun hydra-dealer.com hydra-guide.org hydra-pc.com hydra-site.ru hydra-slon.net
hydra-vhod2020.com hyip-zanoza.me ib-homecredit.ru ib-rencredit.ru igadgetsworld.com
igru-xbox.net ilikevitaly.com iloveitaly.ro iloveitaly.ru iminent.com in-mostbet.ru
increasewwwtraffic.info infodocsportal.com installspartners.com instasexyblog.com
interferencer.ru intimchats.ru investpamm.ru iskalko.ru iyfsearch.com jav-fetish.com
jav-fetish.site jav-idol.com javcoast.com javlibrary.cc jjbabskoe.ru jumkite.com
justkillingti.me justprofit.xyz kabbalah-red-bracelets.com kabinet-5ka.ru kabinet-alfaclick.ru
kabinet-binbank.ru kabinet-card-5ka.ru kabinet-click-alfabank.ru kabinet-esia-gosuslugi.ru
kabinet-faberlic.ru kabinet-gosuslugi.ru kabinet-ipoteka-domclick.ru kabinet-karta-5ka.ru
kabinet-lk-megafon.ru kabinet-lk-rt.ru kabinet-login-mts.ru kabinet-mil.ru kabinet-mos.ru
kabinet-my-beeline.ru kabinet-my-pochtabank.ru kabinet-nalog.ru kabinet-online-bm.ru
kabinet-online-open.ru kabinet-online-rsb.ru kabinet-online-rshb.ru kabinet-online-sberbank.ru
kabinet-online-sovcombank.ru kabinet-online-vtb.ru kabinet-pfr.ru kabinet-pfrf.ru
kabinet-platon.ru kabinet-qiwi.ru kabinet-tele2.ru kabinet-tinkoff.ru kabinet-tricolor.ru
kabinet-ttk.ru kabinet-vtb24.ru kakablog.net kambasoft.com kerch.site kevblog.top
keywords-monitoring-success.com keywords-monitoring-your-success.com kinobum.org kinopolet.net
kinosed.net konkursov.net krumble-adsde.info krumble-adsen.info krumbleent-ads.info
landoftracking.com laptop-4-less.com leon-official.site lerporn.info ligastavok-in.ru
live-xbet.com livefixer.com livejournal.top lk-gosuslugi.ru local-seo-for-multiple-locations.com
login-tinkoff.ru lolzteam.online lolzteam.org lowpricesiterx.com lsex.xyz luckybull.io lumb.co
luxurybet.ru magicdiet.gq magnetic-bracelets.ru mainhunter.com makemoneyonline.com
makeprogress.ga manimpotence.com marathonbet-in.ru marketland.ml medicineseasybuy.com
meds-online24.com melbet-in.ru miaxxx.com mifepriston.net mikrozaim.site mikrozaym2you.ru
minegam.com miningblack.net monetizationking.net money-for-placing-articles.com money7777.info
moneytop.ru moneyzzz.ru moon.market mosputana.info mosputana.top mostbet-original.ru
mrbojikobi4.biz mybestoffers.club mycheaptraffic.com mydirtystuff.com mysexpics.ru
needtosellmyhousefast.com net-profits.xyz newstaffadsshop.club no-rx.info nubuilderian.info
nufaq.com o-o-11-o-o.com o-o-6-o-o.com o-o-6-o-o.ru o-o-8-o-o.com o-o-8-o-o.ru obnallpro.cc
obzor-casino-x.online obzor-casino-x.ru odsadsmobile.biz office2web.com officedocuments.net
omega.best onion20hydra.ru onionhydra.net onionshydra.com online-hit.info online-intim.com
online-pharma.ru online-sbank.ru online-templatestore.com online-video-chat.ru onlinetvseries.me
onlywoman.org oohlivecams.com oqex.io own-ahrefs.com ownshop.cf paidonlinesites.com
palvira.com.ua penzu.xyz perform-like-alibabaity.info perform-likeism-alibaba.info
pfrf-kabinet.ru pharm--shop.ru pills24h.com pinupcasinos.ru pinupcasinos1.ru pinupp1.com
pizdeishn.com pizdeishn.net pizza-imperia.com pizza-tycoon.com podarkilove.ru poker-royal777.com
pops.foundation porn-video-chat.ru porndl.org pornhive.org pornhub-forum.ga pornhub-forum.uni.me
pornhub-ru.com porno-asia.com porno-chaman.info porno2xl.net pornobest.su pornoelita.info
pornoforadult.com pornogig.com pornohd1080.online pornoklad.ru pornonik.com pornoplen.com
pornosemki.info pornoslave.net posteezy.xyz priceg.com private-service.best prizesk.com prlog.ru
professionalsolutions.eu progressive-seo.com promoteapps.online promotion-for99.com pron.pro
prostitutki-rostova.ru.com prostoacc.com purchasepillsnorx.com qiwi.xyz qoinex.top
qualitymarketzone.com quit-smoking.ga qwesa.ru rank-checker.online rankings-analytics.com
rapidgator-porn.ga realresultslist.com rednise.com replica-watch.ru resell-seo-services.com
responsive-test.net reversing.cc robocheck.info ru-onion.com ru-online-sberbank.ru
rufreechats.com rumamba.com runetki-online.net ruscams-com.ru rusexy.xyz russian-videochats.ru
rxshop.md sanjosestartups.com santasgift.ml savetubevideo.com savetubevideo.info scat.porn
screentoolkit.com search-error.com searchencrypt.com sell-fb-group-here.com seo-2-0.com
seo-platform.com seo-services-b2b.com seo-services-wordpress.com seo-smm.kz seo-tips.top
seoanalyses.com seobook.top seocheckupx.com seocheckupx.net seoexperimenty.ru seojokes.net
seopub.net seoriseome.netlify.app seoservices2018.com sex-porno.site sex-spying.ru
sex-videochats.ru sexpornotales.net sexreliz.com sexreliz.net sexsaoy.com sexwife.net
sexy-girl-chat.ru sexyali.com sexyteens.hol.es shagtomsk.ru shanscasino1.ru
share-buttons-for-free.com share-buttons.xyz sharebutton.io sharebutton.net sharebutton.to
shnyagi.net shop2hydra.com shopsellcardsdumps.com simple-share-buttons.com site-auditor.online
siteripz.net sitevaluation.org sladkoevideo.com slftsdybbg.ru slkrm.ru slomm.ru slow-website.xyz
smailik.org soaksoak.ru socialbuttons.xyz socialseet.ru socialtrade.biz speedup-my.site
spin2016.cf spy-app.info squarespace.top sssexxx.net stocktwists.com store-rx.com stream-tds.com
success-seo.com sundrugstore.com super-seo-guru.com superiends.org swaplab.io t-rec.su
tamada69.com tds-west.ru tedxrj.com tgtclick.com thaoduoctoc.com theautoprofit.ml
theguardlan.com thelotter.su thesmartsearch.net tokshow.online top-instagram.info top-kasyna.com
top-l2.com top1-seo-service.com top10-way.com topquality.cf topseoservices.co torrentred.games
track-rankings.online traffic-cash.xyz trafficgenius.xyz trafficmonetize.org
trafficmonetizer.org transsex-videochat.ru trex-casino.com trex.casino trion.od.ua
undergroundcityphoto.com univerfiles.com unlimitdocs.net unpredictable.ga uptime-as.net
uptime-eu.net uptime-us.net uptimechecker.com urblog.xyz uzungil.com valid-cc.com
validccseller.com validus.pro vardenafil20.com viagra-soft.ru video--production.com
video-girl-online.ru video-woman.com videochat-dating.ru videochat.guru videochat.world
videos-for-your-business.com virtchats.ru virtual-sex-chat.ru virtual-sex-videochat.ru vksex.ru
vodkoved.ru vulkan-nadengi.ru vulkan-oficial.com vulkanrussia1.ru w3javascript.com
wakeupseoconsultant.com wallet-prlzn.space wayfcoin.space we-ping-for-youic.info
web-analytics.date web-revenue.xyz weblibrary.win webmaster-traffic.com webmonetizer.net
website-analytics.online website-analyzer.info website-speed-check.site
website-speed-checker.site websites-reviews.com websocial.me weburlopener.com wmasterlead.com
wordpress-crew.net wordpresscore.com wpnull.org x-lime.com x-lime.net xion.cash xrp-ripple.info
xxxhamster.me xxxvideochat.ru xz618.com yaderenergy.ru yes-do-now.com ykecwqlixx.ru yodse.io
youhack.info youporn-forum.ga youporn-ru.com your-good-links.com yourserverisdown.com
zahodi2hydra.net zarabotat-v-internete.biz zastroyka.org zonefiles.bid
"""
