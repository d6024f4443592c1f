"""Labels that sites set between the paragraphs of an article, and openings of other articles."""

from __future__ import annotations

import re

# Letters alone, as squeeze() leaves them.
_LABEL = re.compile(
    r"(?:ad|advert|advertise?ment|sponsored)s?(?:content)?(?:continuereadingbelow)?"
    r"|(?:article|story|post)?continue[sd]?(?:reading|after|below)(?:the)?(?:main|ad\w{0,12}|below)?"
    r"(?:story)?|scroll(?:down)?(?:to|for)continue(?:reading)?"
    r"|(?:share|tweet|pin|email|print|save)(?:this|on|via|this(?:article|story|post|page)?(?:on|via)?)"
    r"(?:facebook|twitter|x|pinterest|linkedin|reddit|whatsapp|email)?"
    r"|follow(?:us|me|him|her|them)?on(?:facebook|twitter|x|instagram|youtube|linkedin)"
    r"|youmay(?:also)?(?:like|enjoy)|skip(?:ad|advertisement|tocontent)"
    r"|thanksforreading\w{0,40}subscribe\w{0,60}|fromwikipediathefreeencyclopedia"
    r"|lasuiteaprèscettepublicité|ilvousreste\d+decetarticleàlire"
    r"|click(?:here)?to(?:enlarge|share|expand)|enlargethisimage"
    r"|anzeige|werbung|publicité|publicidad|pubblicità|publicidade|advertentie|reklama|реклама|広告"
    r"|廣告|广告|광고"
)
# What may be a word of the text, unless it is a link.
_LINK = re.compile(
    r"share|tweet|pinit|email|print|like|save|reply|permalink|copylink|newsletter"
    r"|(?:read|see|learn|view|show|load)more|(?:read|see)thefull(?:article|story)"
    r"|(?:sign|log)(?:up|in)(?:now|today)?|subscribe(?:now|today)?"
    r"|(?:leave|post|add|write)(?:a|your)?(?:comment|reply)|(?:view|show|hide)?(?:all)?comments?"
    r"|weiterlesen|teilen|kommentare(?:anzeigen)?|drucken|lirelasuite|partager|compartir|leermás"
    r"|condividi|compartilhar|leiamais|deel|lees(?:verder|meer)|udostępnij|поделиться|シェア(?:する)?"
    r"|分享|공유|backto(?:the)?(?:top|home|homepage|list|previouspage)"
    r"|(?:next|previous)(?:page|article|post|story)|nachoben|zurück(?:nachoben|zurübersicht)?"
    r"|(?:retourà)?laccueil|hautdepage|retourenhaut|volver(?:arriba|alinicio)?|tornasu|torneaotopo"
    r"|(?:skip|jump)to(?:the)?(?:main)?(?:content|navigation|search|menu)|zuminhalt(?:springen)?"
    r"|alleraucontenu|saltaralcontenido"
    r"|наверх|前のページへ(?:戻る)?|ページの?(?:トップ|先頭)(?:へ(?:戻る)?)?|返回(?:顶部|首页)|[上下]一[页篇]"
)
_MORE = (
    r"(?:read|see|learn|view) (?:more|on|the (?:full|rest)[\w ]{0,20})|continue reading|weiterlesen"
    r"|mehr (?:lesen|erfahren)|lire la suite|en savoir plus|leer más|seguir leyendo|leia mais"
    r"|leggi tutto|continua a leggere|lees (?:verder|meer)|czytaj (?:dalej|więcej)|читать далее"
    r"|続きを読む|阅读全文"
)
_NETWORKS = (
    r"facebook|twitter|linkedin|pinterest|reddit|whatsapp|tumblr|telegram|bluesky|mastodon|threads"
    r"|email|e?mail|print|more|x"
)
_SHARED = re.compile(
    rf"(?:share|teilen|partager|compartir|condividi|compartilhar|поделиться)\w{{0,8}}?"
    rf"(?:(?:on|via|auf|sur|en|su)?(?:{_NETWORKS}))+"
)
_MORE_ON = re.compile(
    r"read (?:also|more|next)|also read|more (?:on|about) this"
    r"|lesen sie auch|mehr zum thema|lire aussi|à lire aussi|lea también|lee también|leia também"
    r"|leggi anche|lees ook|czytaj także|zobacz także|читайте также|関連記事|相关阅读",
    re.IGNORECASE,
)
_TEASER = re.compile(rf"(?:…|\.\.\.)[\s\])]*(?:(?:{_MORE})[\s.…»›→>]*){{1,3}}$", re.IGNORECASE)
LONGEST = 400  # characters of an opening
LONGEST_LABEL = 120  # letters


def is_label(squeezed: str, *, is_link: bool) -> bool:
    """Tell whether these letters are a site's own label."""
    if len(squeezed) >= LONGEST_LABEL:
        return False
    if _LABEL.fullmatch(squeezed):
        return True
    return is_link and bool(_LINK.fullmatch(squeezed) or _SHARED.fullmatch(squeezed))


def is_reference(text: str, *, is_link: bool) -> bool:
    """Tell whether a passage is only a link to another article: "Read also: ...", "Next →"."""
    text = text.strip()
    if not is_link or not text:
        return False
    if len(text) < LONGEST_LABEL and (text[0] in "←‹«" or text[-1] in "→›»"):
        return text[0] != "«" or text[-1] != "»"  # which quote
    found = _MORE_ON.match(text)
    return bool(found and text[found.end() :][:2].strip(" \xa0") in {":", "–", "|"})


def is_teaser(text: str) -> bool:
    """Tell whether a passage is cut off, to be read on another page."""
    text = " ".join(text.split())
    return len(text) <= LONGEST and bool(_TEASER.search(text))
