"""A sentence in each language: what a voice says of itself, and is measured on."""

from __future__ import annotations

SENTENCES = {
    "ar": "في كل كتاب عالم جديد ينتظر من يفتحه.",
    "bg": "Във всяка книга има един нов свят.",
    "bn": "প্রতিটি বইয়ের ভিতরে একটি নতুন জগৎ আছে।",
    "ca": "Dins de cada llibre hi ha un món nou que ens espera.",
    "cs": "V každé knize na nás čeká nový svět.",
    "cy": "Mae byd newydd ym mhob llyfr.",
    "da": "I hver bog venter en ny verden.",
    "de": "In jedem Buch wartet eine neue Welt darauf, entdeckt zu werden.",
    "el": "Μέσα σε κάθε βιβλίο υπάρχει ένας νέος κόσμος.",
    "en": "In every book, a new world is waiting for whoever opens it.",
    "eo": "En ĉiu libro atendas nova mondo.",
    "es": "En cada libro nos espera un mundo nuevo por descubrir.",
    "et": "Igas raamatus ootab meid uus maailm.",
    "eu": "Liburu bakoitzean mundu berri bat dago.",
    "fa": "در هر کتابی دنیایی تازه در انتظار ماست.",
    "fi": "Jokaisessa kirjassa odottaa uusi maailma.",
    "fr": "Dans chaque livre, un monde nouveau attend d’être découvert.",
    "ga": "Tá domhan nua i ngach leabhar.",
    "gu": "દરેક પુસ્તકમાં એક નવી દુનિયા છે.",
    "he": "בכל ספר מחכה לנו עולם חדש.",
    "hi": "हर किताब में एक नई दुनिया हमारा इंतज़ार करती है।",
    "hr": "U svakoj knjizi čeka nas novi svijet.",
    "hu": "Minden könyvben egy új világ vár ránk.",
    "hy": "Ամեն գրքում մի նոր աշխարհ կա։",
    "id": "Di dalam setiap buku ada dunia baru yang menunggu.",
    "is": "Í hverri bók bíður nýr heimur.",
    "it": "In ogni libro ci aspetta un mondo nuovo da scoprire.",
    "ja": "どの本の中にも、新しい世界が待っています。",
    "ka": "ყოველ წიგნში ახალი სამყაროა.",
    "kn": "ಪ್ರತಿಯೊಂದು ಪುಸ್ತಕದಲ್ಲಿ ಹೊಸ ಪ್ರಪಂಚವಿದೆ.",
    "ko": "모든 책 속에는 새로운 세계가 기다리고 있습니다.",
    "la": "In omni libro novus mundus latet.",
    "lt": "Kiekvienoje knygoje laukia naujas pasaulis.",
    "lv": "Katrā grāmatā gaida jauna pasaule.",
    "mk": "Во секоја книга има еден нов свет.",
    "ml": "ഓരോ പുസ്തകത്തിലും ഒരു പുതിയ ലോകമുണ്ട്.",
    "mr": "प्रत्येक पुस्तकात एक नवीन जग आहे.",
    "ms": "Di dalam setiap buku ada dunia baharu.",
    "nb": "I hver bok venter en ny verden.",
    "ne": "हरेक किताबमा एउटा नयाँ संसार छ।",
    "nl": "In elk boek wacht een nieuwe wereld om ontdekt te worden.",
    "pa": "ਹਰ ਕਿਤਾਬ ਵਿੱਚ ਇੱਕ ਨਵੀਂ ਦੁਨੀਆਂ ਹੈ।",
    "pl": "W każdej książce czeka na nas nowy świat.",
    "pt": "Em cada livro, um mundo novo espera por nós.",
    "ro": "În fiecare carte ne așteaptă o lume nouă.",
    "ru": "В каждой книге нас ждёт новый мир.",
    "sk": "V každej knihe na nás čaká nový svet.",
    "sl": "V vsaki knjigi nas čaka nov svet.",
    "sq": "Në çdo libër na pret një botë e re.",
    "sr": "У свакој књизи нас чека нови свет.",
    "sv": "I varje bok väntar en ny värld.",
    "sw": "Katika kila kitabu kuna dunia mpya.",
    "ta": "ஒவ்வொரு புத்தகத்திலும் ஒரு புதிய உலகம் உள்ளது.",
    "te": "ప్రతి పుస్తకంలో ఒక కొత్త ప్రపంచం ఉంది.",
    "th": "ในหนังสือทุกเล่มมีโลกใบใหม่รอเราอยู่",
    "tr": "Her kitapta bizi yeni bir dünya bekliyor.",
    "uk": "У кожній книзі на нас чекає новий світ.",
    "ur": "ہر کتاب میں ایک نئی دنیا ہے۔",
    "vi": "Trong mỗi cuốn sách có một thế giới mới đang chờ đón.",
    "zh": "每一本书里，都有一个新的世界在等着我们。",
}
SENTENCES |= {"no": SENTENCES["nb"], "cmn": SENTENCES["zh"], "bs": SENTENCES["hr"]}
# Every engine speaks digits, in whatever language it speaks.
DIGITS = "1, 2, 3, 4, 5."


def sentence(language: str) -> str:
    """Return what a voice of this language (BCP 47) says of itself."""
    return SENTENCES.get(language.lower().partition("-")[0], DIGITS)
