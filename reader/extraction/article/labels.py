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
    r"|click(?:here)?to(?:enlarge|share)|enlargethisimage"
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
    r"|наверх|前のページへ(?:戻る)?|ページの?(?:トップ|先頭)(?:へ(?:戻る)?)?|返回(?:顶部|首页)|[上下]一[页篇]"
)
_MORE = (
    r"(?:read|see|learn|view) (?:more|on|the (?:full|rest)[\w ]{0,20})|continue reading|weiterlesen"
    r"|mehr (?:lesen|erfahren)|lire la suite|en savoir plus|leer más|seguir leyendo|leia mais"
    r"|leggi tutto|continua a leggere|lees (?:verder|meer)|czytaj (?:dalej|więcej)|читать далее"
    r"|続きを読む|阅读全文"
)
_TEASER = re.compile(rf"(?:…|\.\.\.)[\s\])]*(?:(?:{_MORE})[\s.…»›→>]*){{1,3}}$", re.IGNORECASE)
LONGEST = 400  # characters of an opening


def is_label(squeezed: str, *, is_link: bool) -> bool:
    """Tell whether these letters are a site's own label."""
    if len(squeezed) >= 60:
        return False
    return bool(_LABEL.fullmatch(squeezed) or (is_link and _LINK.fullmatch(squeezed)))


def is_teaser(text: str) -> bool:
    """Tell whether a passage is cut off, to be read on another page."""
    text = " ".join(text.split())
    return len(text) <= LONGEST and bool(_TEASER.search(text))
