"""What is written short in English, and what is said of it."""

from __future__ import annotations

MONTHS = {
    "Jan": "January", "Feb": "February", "Mar": "March", "Apr": "April", "May": "May",
    "Jun": "June", "Jul": "July", "Aug": "August", "Sep": "September", "Oct": "October",
    "Nov": "November", "Dec": "December", "Sept": "September",
}  # fmt: skip
DECADES = {
    "00": "hundreds", "10": "tens", "20": "twenties", "30": "thirties", "40": "forties",
    "50": "fifties", "60": "sixties", "70": "seventies", "80": "eighties", "90": "nineties",
}  # fmt: skip
FRACTIONS = {
    2: ("half", "halves"), 3: ("third", "thirds"), 4: ("quarter", "quarters"),
    5: ("fifth", "fifths"), 6: ("sixth", "sixths"), 7: ("seventh", "sevenths"),
    8: ("eighth", "eighths"), 9: ("ninth", "ninths"), 10: ("tenth", "tenths"),
    12: ("twelfth", "twelfths"), 16: ("sixteenth", "sixteenths"),
}  # fmt: skip
# One, several; and of the hundredth part.
CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "US$": ("US dollar", "US dollars", "cent", "cents"),
    "USD": ("US dollar", "US dollars", "cent", "cents"),
    "A$": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "AU$": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "C$": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "CA$": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "NZ$": ("New Zealand dollar", "New Zealand dollars", "cent", "cents"),
    "HK$": ("Hong Kong dollar", "Hong Kong dollars", "cent", "cents"),
    "S$": ("Singapore dollar", "Singapore dollars", "cent", "cents"),
    "R$": ("Brazilian real", "Brazilian reais", "", ""),
    "AUD": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "CAD": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "", ""),
    "JPY": ("yen", "yen", "", ""),
    "CNY": ("yuan", "yuan", "", ""),
    "RMB": ("yuan", "yuan", "", ""),
    "₹": ("rupee", "rupees", "", ""),
    "INR": ("rupee", "rupees", "", ""),
    "Rs": ("rupee", "rupees", "", ""),
    "Rs.": ("rupee", "rupees", "", ""),
    "₽": ("ruble", "rubles", "", ""),
    "₴": ("hryvnia", "hryvnias", "", ""),
    "₺": ("lira", "lira", "", ""),
    "₫": ("dong", "dong", "", ""),
    "₱": ("peso", "pesos", "", ""),
    "฿": ("baht", "baht", "", ""),
    "₦": ("naira", "naira", "", ""),
    "₪": ("shekel", "shekels", "", ""),
    "₩": ("won", "won", "", ""),
    "CHF": ("Swiss franc", "Swiss francs", "", ""),
    "kr": ("krone", "kroner", "", ""),
    "NOK": ("Norwegian krone", "Norwegian kroner", "", ""),
    "DKK": ("Danish krone", "Danish kroner", "", ""),
    "SEK": ("Swedish krona", "Swedish kronor", "", ""),
    "Kc": ("koruna", "korunas", "", ""),  # with its hook it is no letter that hibari knows
    "CZK": ("koruna", "korunas", "", ""),
    "zl": ("zloty", "zlotys", "", ""),
    "PLN": ("zloty", "zlotys", "", ""),
    "HUF": ("forint", "forints", "", ""),
    "HKD": ("Hong Kong dollar", "Hong Kong dollars", "cent", "cents"),
    "NZD": ("New Zealand dollar", "New Zealand dollars", "cent", "cents"),
    "SGD": ("Singapore dollar", "Singapore dollars", "cent", "cents"),
    "BRL": ("Brazilian real", "Brazilian reais", "", ""),
    "MXN": ("Mexican peso", "Mexican pesos", "", ""),
    "ZAR": ("rand", "rand", "", ""),
    "KRW": ("won", "won", "", ""),
    "¢": ("cent", "cents", "", ""),
}
MAGNITUDES = {
    "hundred": "hundred", "thousand": "thousand", "million": "million", "billion": "billion",
    "trillion": "trillion", "k": "thousand", "K": "thousand", "m": "million", "M": "million",
    "mn": "million", "bn": "billion", "b": "billion", "B": "billion", "tn": "trillion",
}  # fmt: skip
UNITS = {
    "km": ("kilometer", "kilometers"), "m": ("meter", "meters"),
    "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"), "nm": ("nanometer", "nanometers"),
    "µm": ("micrometer", "micrometers"), "µl": ("microliter", "microliters"),
    "µL": ("microliter", "microliters"), "µs": ("microsecond", "microseconds"),
    "µA": ("microamp", "microamps"), "µV": ("microvolt", "microvolts"),
    "µF": ("microfarad", "microfarads"), "µW": ("microwatt", "microwatts"),
    "µM": ("micromolar", "micromolar"), "µmol": ("micromole", "micromoles"),
    "µSv": ("microsievert", "microsieverts"), "µT": ("microtesla", "microteslas"),
    "mpg": ("mile per gallon", "miles per gallon"), "tsp": ("teaspoon", "teaspoons"),
    "tsp.": ("teaspoon", "teaspoons"), "tbsp": ("tablespoon", "tablespoons"),
    "tbsp.": ("tablespoon", "tablespoons"), "km²": ("square kilometer", "square kilometers"),
    "m²": ("square meter", "square meters"), "cm²": ("square centimeter", "square centimeters"),
    "ft²": ("square foot", "square feet"), "m/s²": ("meter per second squared",
    "meters per second squared"), "km³": ("cubic kilometer", "cubic kilometers"),
    "m³": ("cubic meter", "cubic meters"), "cm³": ("cubic centimeter", "cubic centimeters"),
    "m/s": ("meter per second", "meters per second"), "km/h": ("kilometer per hour",
    "kilometers per hour"), "kph": ("kilometer per hour", "kilometers per hour"),
    "mph": ("mile per hour", "miles per hour"), "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"), "mg": ("milligram", "milligrams"), "µg": ("microgram", "micrograms"),
    "t": ("ton", "tons"), "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"), "ft": ("foot", "feet"), "in.": ("inch", "inches"),
    "yd": ("yard", "yards"), "mi": ("mile", "miles"), "sq ft": ("square foot", "square feet"),
    "l": ("liter", "liters"), "L": ("liter", "liters"), "ml": ("milliliter", "milliliters"),
    "mL": ("milliliter", "milliliters"), "dl": ("deciliter", "deciliters"),
    "ha": ("hectare", "hectares"), "s": ("second", "seconds"), "ms": ("millisecond",
    "milliseconds"), "min": ("minute", "minutes"), "min.": ("minute", "minutes"),
    "h": ("hour", "hours"), "hr": ("hour", "hours"), "hrs": ("hour", "hours"),
    "sec": ("second", "seconds"), "mins": ("minute", "minutes"), "secs": ("second", "seconds"),
    "Hz": ("hertz", "hertz"), "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"), "kB": ("kilobyte", "kilobytes"),
    "KB": ("kilobyte", "kilobytes"), "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"), "TB": ("terabyte", "terabytes"),
    "Mbps": ("megabit per second", "megabits per second"),
    "Mbit/s": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "W": ("watt", "watts"), "kW": ("kilowatt", "kilowatts"), "MW": ("megawatt", "megawatts"),
    "GW": ("gigawatt", "gigawatts"), "kWh": ("kilowatt hour", "kilowatt hours"),
    "V": ("volt", "volts"), "mV": ("millivolt", "millivolts"), "kV": ("kilovolt", "kilovolts"),
    "mA": ("milliamp", "milliamps"), "mAh": ("milliamp hour",
    "milliamp hours"), "dB": ("decibel", "decibels"), "Pa": ("pascal", "pascals"),
    "N·m": ("newton meter", "newton meters"), "Nm": ("newton meter", "newton meters"),
    "kN": ("kilonewton", "kilonewtons"), "kbit/s": ("kilobit per second", "kilobits per second"),
    "Gbit/s": ("gigabit per second", "gigabits per second"),
    "MB/s": ("megabyte per second", "megabytes per second"),
    "GB/s": ("gigabyte per second", "gigabytes per second"),
    "hPa": ("hectopascal", "hectopascals"), "kPa": ("kilopascal", "kilopascals"),
    "ohm": ("ohm", "ohms"), "kohm": ("kilohm", "kilohms"), "Mohm": ("megohm", "megohms"),
    "J": ("joule", "joules"), "kJ": ("kilojoule", "kilojoules"), "kcal": ("kilocalorie",
    "kilocalories"), "cal": ("calorie", "calories"),
    "px": ("pixel", "pixels"), "fps": ("frame per second", "frames per second"),
    "rpm": ("revolution per minute", "revolutions per minute"), "ppm": ("part per million",
    "parts per million"), "pct": ("percent", "percent"), "mol": ("mole", "moles"),
}  # fmt: skip
TITLES = {
    "MR": "Mister", "MRS": "Missus", "DR": "Doctor", "Mr": "Mister", "Mrs": "Missus",
    "Ms": "Miz", "Dr": "Doctor", "Prof": "Professor",
    "St": "Saint", "Mt": "Mount", "Ft": "Fort", "Gen": "General", "Gov": "Governor",
    "Sen": "Senator", "Rep": "Representative", "Capt": "Captain", "Lt": "Lieutenant",
    "Col": "Colonel", "Sgt": "Sergeant", "Cmdr": "Commander", "Rev": "Reverend",
    "Mx": "Mix", "Hon": "Honorable", "Pres": "President",
    "Supt": "Superintendent", "Cpl": "Corporal",
    "Maj": "Major", "Adm": "Admiral", "Fr": "Father", "Msgr": "Monsignor",
}  # fmt: skip
# Those that are no words of their own: Gen Z, but Dr Brown.
WITHOUT_STOP = frozenset({
    "MR", "MRS", "DR", "Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Mt", "Ft", "Capt", "Lt", "Sgt",
    "Cmdr", "Supt", "Cpl", "Msgr",
})  # fmt: skip
# What may end a sentence within a text that was not divided there.
CLOSING = frozenset({"etc.", "et al."})
# With which a sentence begins behind an address: "on Elm St. It is", but "on St. John".
BEGINNINGS = (
    "A",
    "After",
    "All",
    "And",
    "As",
    "At",
    "Both",
    "But",
    "Every",
    "For",
    "From",
    "Her",
    "His",
    "I",
    "If",
    "In",
    "Is",
    "It",
    "Its",
    "My",
    "No",
    "Nobody",
    "On",
    "Our",
    "She",
    "So",
    "Some",
    "That",
    "The",
    "Their",
    "Then",
    "There",
    "These",
    "They",
    "This",
    "Those",
    "To",
    "We",
    "What",
    "When",
    "Where",
    "Who",
    "Why",
    "You",
    "Your",
)
DAYS = {
    "Mon": "Monday", "Tues": "Tuesday", "Tue": "Tuesday", "Wed": "Wednesday",
    "Thurs": "Thursday", "Thu": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip
# Books with chapters and verses.
BOOKS = (
    "Genesis|Exodus|Leviticus|Numbers|Deuteronomy|Joshua|Judges|Ruth|Samuel|Kings|Chronicles|Ezra"
    "|Job|Psalms?|Proverbs|Ecclesiastes|Isaiah|Jeremiah|Ezekiel|Daniel|Hosea|Joel|Amos|Jonah|Micah"
    "|Matthew|Mark|Luke|John|Acts|Romans|Corinthians|Galatians|Ephesians|Philippians|Colossians"
    "|Thessalonians|Timothy|Titus|Hebrews|James|Peter|Jude|Revelation|Gen|Matt|Rom|Cor|Col|Rev"
)
SHORT_BOOKS = {
    "Gen": "Genesis", "Matt": "Matthew", "Rom": "Romans", "Cor": "Corinthians",
    "Col": "Colossians", "Rev": "Revelation",
}  # fmt: skip
# How the names of files end.
FILES = (
    "py", "md", "txt", "pdf", "jpeg", "jpg", "png", "gif", "svg", "html", "css", "json", "js",
    "ts", "csv", "docx", "doc", "xlsx", "xls", "zip", "exe", "sh", "yml", "yaml", "toml", "mp3",
    "mp4", "epub", "tar", "gz", "xz", "bz2", "wav", "mov", "log", "ini", "sql", "xml",
    "pptx", "ppt", "iso", "rar", "bak", "htm", "php", "webp", "webm", "mobi", "tex", "bin",
    "dmg", "apk",
)  # fmt: skip
# What people say of themselves: the I before it is no number.
DONE_BY_ME = frozenset({
    "am", "think", "thought", "know", "knew", "like", "liked", "love", "loved", "want", "wanted",
    "need", "needed", "hate", "mean", "meant", "met", "meet", "tell", "told", "see", "saw", "read",
    "wrote", "write", "remember", "said", "say", "get", "got", "give", "gave", "take", "took",
    "bought", "find", "found", "will", "would", "can", "could", "should", "must", "never", "always",
    "just", "really", "once", "trust", "believe", "do", "have",
})  # fmt: skip
# The same behind words that are numbered, but more often not: "the book I was in".
ALSO_BY_ME = frozenset({
    "was", "had", "did", "may", "might", "shall", "ever", "still", "also", "only", "now", "used",
    "use", "made", "make", "played", "play", "chose", "finished", "started", "borrowed",
    "mentioned", "ordered", "missed", "enjoyed", "preferred", "prefer", "skipped", "studied",
    "live", "lived", "work", "worked", "went", "go", "came", "own", "owned", "won", "lost", "sat",
    "taught", "learned", "heard", "hear", "quoted", "cited", "opened", "closed", "called", "call",
    "wish", "hope", "hoped", "expected", "wear", "lent",
})  # fmt: skip
# Whatever stands behind them.
PHRASES = {
    "e.g.,": "for example,", "e.g.": "for example,", "e. g.": "for example,",
    "E.g.": "For example,", "i.e.,": "that is,", "i.e.": "that is,", "i. e.": "that is,",
    "I.e.": "That is,", "etc.": "et cetera", "et al.": "and others", "viz.": "namely",
    "cf.": "compare", "Cf.": "Compare", "vs.": "versus", "vs": "versus",
    "approx.": "approximately", "Approx.": "Approximately",
    "incl.": "including", "excl.": "excluding", "resp.": "respectively", "esp.": "especially",
    "WWI": "World War One", "WWII": "World War Two", "ed. by": "edited by",
    "a.k.a.": "also known as", "aka": "also known as", "w/o": "without", "w/": "with",
    "c/o": "care of", "km/h": "kilometers per hour", "mph": "miles per hour",
    "m/s": "meters per second", "°C": "degrees Celsius", "°F": "degrees Fahrenheit",
        "Ph.D.": "P.H.D.", "PhD": "P.H.D.", "a.m.": "A.M.", "p.m.": "P.M.",
}  # fmt: skip
# Only where a number follows.
BEFORE_NUMBERS = {
    "No.": "number", "Nos.": "numbers", "no.": "number", "nos.": "numbers", "№": "number",
    "Nr.": "number", "Fig.": "Figure", "fig.": "figure", "Figs.": "Figures", "figs.": "figures",
    "p.": "page", "pp.": "pages", "P.": "page", "Pp.": "Pages", "Vol.": "Volume",
    "vol.": "volume", "Ch.": "Chapter", "ch.": "chapter", "chap.": "chapter", "Chap.": "Chapter",
    "Sec.": "Section", "sec.": "section", "Eq.": "Equation", "eq.": "equation",
    "Eqs.": "Equations", "Tab.": "Table", "Art.": "Article", "art.": "article", "l.": "line",
    "ll.": "lines", "n.": "note", "Apt.": "Apartment", "apt.": "apartment", "§": "section",
    "§§": "sections", "Mar.": "March", "¶": "paragraph", "¶¶": "paragraphs",
    "Ref.": "Reference", "Refs.": "References", "ref.": "reference", "refs.": "references",
    "Thm.": "Theorem", "Prop.": "Proposition", "Def.": "Definition", "Ex.": "Example",
    "App.": "Appendix", "Eqn.": "Equation", "eqn.": "equation", "para.": "paragraph",
    "paras.": "paragraphs",
    "ca.": "circa", "c.": "circa", "ed.": "edition", "Op.": "Opus",
    "op.": "opus", "v.": "verse", "ver.": "version",
}  # fmt: skip
ABBREVIATIONS = {
    "Jr.": "Junior", "Sr.": "Senior", "St.": "Street", "Mt.": "Mount", "Ave.": "Avenue",
    "Blvd.": "Boulevard", "Rd.": "Road", "Ln.": "Lane", "Hwy.": "Highway", "Sq.": "Square",
    "Bldg.": "Building", "Apt.": "Apartment", "Ltd.": "Limited", "Inc.": "Incorporated",
    "Corp.": "Corporation", "Co.": "Company", "Bros.": "Brothers", "Dept.": "Department",
    "dept.": "department", "Univ.": "University", "Assn.": "Association", "Govt.": "Government",
    "govt.": "government", "est.": "established", "vol.": "volume",
    "Vol.": "Volume", "fig.": "figure", "Fig.": "Figure", "ch.": "chapter", "Ch.": "Chapter",
    "pp.": "pages", "p.": "page", "ed.": "editor", "eds.": "editors", "trans.": "translated by",
    "Prof.": "Professor", "Dr.": "Doctor",
    "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miz", "Gen.": "General", "Capt.": "Captain",
    "Feb.": "February", "Apr.": "April", "Jun.": "June", "Jul.": "July", "Aug.": "August",
    "Sep.": "September", "Sept.": "September",
    "Oct.": "October", "Nov.": "November", "Dec.": "December", "Mon.": "Monday",
    "Tue.": "Tuesday", "Tues.": "Tuesday", "Wed.": "Wednesday", "Thu.": "Thursday",
    "Thurs.": "Thursday", "Fri.": "Friday", "Sat.": "Saturday", "hrs.": "hours",
    "min.": "minimum", "Jan.": "January",
    "opp.": "opposite", "max.": "maximum", "misc.": "miscellaneous", "tel.": "telephone",
    "Tel.": "Telephone", "ext.": "extension", "BTW": "by the way",
}  # fmt: skip
NUMBERED = (
    "Chapter", "chapter", "CHAPTER", "Part", "part", "PART", "Act", "act", "Scene", "scene",
    "Section", "section", "Volume", "volume", "Book", "book", "BOOK", "Phase", "phase", "Article",
    "article", "World War", "Mark", "Type", "type", "Level", "level", "Stage", "stage", "Class",
    "class", "Grade", "grade", "Super Bowl", "Apollo", "Gemini", "Episode", "Round", "round",
    "Table", "table", "Figure", "figure", "Appendix", "appendix", "Canto", "Sonnet", "Psalm",
    "Title", "Letter", "Lesson", "lesson", "Unit", "unit", "Category", "category", "No.",
    "number",
)  # fmt: skip
NAMES_OF_KINGS = (
    "Pope", "King", "Queen", "Henry", "Louis", "Edward", "George", "William", "Charles", "James",
    "Richard", "Elizabeth", "Napoleon", "Pius", "Benedict", "Leo", "John Paul", "Ramses",
    "Ramesses", "Frederick", "Philip", "Alexander", "Nicholas", "Peter", "Catherine", "Ivan",
    "Umberto", "Victor Emmanuel", "Gustav", "Christian", "Ferdinand", "Francis", "Paul", "John",
    "Gregory", "Innocent", "Clement", "Urban", "Wilhelm", "Friedrich", "Joseph", "Leopold",
    "Alfonso", "Carlos", "Mary", "Robert", "David", "Malcolm", "Harald", "Haakon", "Olaf",
    "Frederik", "Albert", "Baldwin", "Otto", "Rudolf", "Maximilian", "Constantine", "Justinian",
    "Cleopatra", "Ptolemy", "Darius", "Xerxes", "Thutmose", "Amenhotep", "Mehmed", "Murad",
)  # fmt: skip
# Said like words, not by their letters.
SAID_AS_WORDS = frozenset({
    "NASA", "NATO", "UNESCO", "UNICEF", "OPEC", "AIDS", "RADAR", "LASER", "SCUBA", "NAFTA",
    "FIFA",
    "UEFA", "IKEA", "PIN", "RAM", "ROM", "JPEG", "GIF", "CAPTCHA", "SIM", "ASCII", "SWAT",
    "NASDAQ",
    "OK", "ASAP", "COVID", "SARS", "MERS", "ZIP", "LAN", "WAN", "BIOS", "GNU", "CERN", "NORAD",
})  # fmt: skip
# Said by their letters, though they could be said like words.
SPELLED = (
    "FBI", "CPU", "USB", "USA", "CIA", "EU", "UN", "UK", "AI", "API", "GPU", "URL", "IP", "IQ",
    "UFO", "DNA", "RNA", "CEO", "CIO", "HIV", "ATM", "IBM", "ID", "VIP", "FAQ", "MBA", "AD",
    "BCE", "CE",
    "AC", "IOU", "EPA", "FDA", "IRS", "UPS", "ETA", "DIY", "ISBN", "ISSN", "IEEE", "HTTPS",
)  # fmt: skip
SIGNS = {
    "=": "equals", "+": "plus", "×": "times", "÷": "divided by", "±": "plus or minus",
    "<": "is less than", ">": "is greater than", "≤": "is at most", "≥": "is at least",
    "≠": "is not equal to", "≈": "is about", "→": "to", "−": "minus", "@": "at",
}  # fmt: skip
# The same before a number that stands alone.
ALONE = {
    "<": "less than", ">": "more than", "≤": "at most", "≥": "at least", "~": "about",
    "≈": "about", "±": "plus or minus",
}  # fmt: skip
COMPARED = {
    "!=": "is not equal to", "==": "equals", "<=": "is at most", ">=": "is at least", "->": "to",
    "=>": "to",
}  # fmt: skip
# Signs that stand for words wherever they are.
SYMBOLS = {
    "√": "the square root of", "∛": "the cube root of", "∞": "infinity", "∑": "the sum of",
    "∏": "the product of", "∫": "the integral of", "∂": "partial", "∇": "nabla",
    "∈": "is in", "∉": "is not in", "⊂": "is a subset of", "⊆": "is a subset of",
    "∪": "union", "∩": "intersection", "∅": "the empty set", "∀": "for all", "∃": "there is",
    "∧": "and", "∨": "or", "¬": "not", "⇒": "implies", "⇔": "if and only if",
    "↔": "to and from", "∝": "is proportional to", "≡": "is equivalent to",
    "≪": "is much less than",
    "≫": "is much greater than", "∥": "is parallel to", "⊥": "is perpendicular to",
    "∠": "angle", "‰": "per mille", "℃": "degrees Celsius", "℉": "degrees Fahrenheit",
    "∆": "delta",
}  # fmt: skip
# What there are thousands, millions and billions of: "1.5m views" are no meters.
COUNTED = (
    "people", "users", "views", "followers", "subscribers", "customers", "downloads", "readers",
    "copies", "votes", "voters", "jobs", "homes", "residents", "visitors", "cases", "deaths",
    "children", "workers", "students", "households", "tons", "tonnes", "barrels", "shares",
    "passengers", "years", "viewers", "listeners", "members", "refugees", "inhabitants", "pounds",
    "dollars", "euros", "parameters", "tokens", "rows", "records", "lines", "words", "units",
    "cars", "vehicles", "books", "accounts", "requests", "adults", "men", "women", "trees",
    "species", "hectares", "acres", "streams", "plays", "fans", "tickets", "documents", "pages",
)  # fmt: skip
# Words of a sentence: no abbreviation is written like them.
SMALL_WORDS = frozenset({
    "A", "ALL", "AND", "ARE", "AS", "AT", "BE", "BUT", "BY", "CAN", "DO", "FOR", "FROM", "GET",
    "GO",
    "HAS", "HAVE", "HE", "HER", "HIS", "HOW", "IF", "IN", "IS", "IT", "ITS", "ME", "MY", "NEW",
    "NO", "NOT", "NOW", "OF", "OFF", "ON", "ONE", "OR", "OUR", "OUT", "SHE", "SO", "THAT", "THE",
    "THEY", "THIS", "TO", "UP", "WAS", "WE", "WHAT", "WHO", "WHY", "WILL", "WITH", "YES", "YOU",
    "YOUR",
})  # fmt: skip
