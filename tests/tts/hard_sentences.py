"""Sixty sentences that are written short, and the words that must be heard.

``{one|another}`` stands where people say either. Set down before any of them was tried.
"""

from __future__ import annotations

HARD = (
    # money
    (
        "The house sold for $1.2M and the car for $35K.",
        "The house sold for one point two million dollars and the car for thirty five thousand "
        "dollars.",
    ),
    (
        "It costs 1.299,00 € in Berlin.",
        "It costs one thousand two hundred ninety nine euros in Berlin.",
    ),
    (
        "She paid 20 USD, 15 GBP and 300 JPY.",
        "She paid twenty {U.S.|} dollars, fifteen {British|} pounds and three hundred "
        "{Japanese|} yen.",
    ),
    (
        "Tickets are £7.50–£12 each.",
        "Tickets are seven pounds {and|} fifty {pence|} to twelve pounds each.",
    ),
    ("They lost -$45.5 million.", "They lost minus forty five point five million dollars."),
    (
        "It's 99¢ or 2 for $1.79.",
        "It's ninety nine cents or two for one dollar {and|} seventy nine {cents|}.",
    ),
    (
        "A US$3bn deal beat the C$250m offer.",
        "A three billion {U.S.|} {dollar|dollars} deal beat the two hundred fifty million "
        "{Canadian|} {dollar|dollars} offer.",
    ),
    (
        "It was 50 Kč, 20 zł or 5 CHF.",
        "It was fifty {koruna|korunas|crowns}, twenty {zloty|zlotys} or five {Swiss|} francs.",
    ),
    # units
    (
        "The pipe is 3/4 in. wide and 6'2\" long.",
        "The pipe is three {quarters|fourths} {of an|} {inch|inches} wide and six {feet|foot} two "
        "inches long.",
    ),
    (
        "Drive 65 mph for 120 km, then 30 km/h.",
        "Drive sixty five miles per hour for one hundred twenty kilometers, then thirty "
        "kilometers per hour.",
    ),
    (
        "A 16 GB stick at 480 Mbit/s held 2.5 TB.",
        "A sixteen {gigabyte|gigabytes} stick at four hundred eighty megabits per second held two "
        "point five terabytes.",
    ),
    (
        "Bake at 350°F for 25–30 min.",
        "Bake at three hundred fifty degrees Fahrenheit for twenty five to thirty minutes.",
    ),
    (
        "Add 2 tbsp of oil, 1 tsp of salt and 250 ml of milk.",
        "Add two tablespoons of oil, one teaspoon of salt and two hundred fifty milliliters of "
        "milk.",
    ),
    (
        "The room is 12 m², the tank 3 m³, the force 5 N·m.",
        "The room is twelve square meters, the tank three cubic meters, the force five newton "
        "meters.",
    ),
    (
        "It ran at 3.2 GHz and 45 dB.",
        "It ran at three point two gigahertz and forty five decibels.",
    ),
    ("The 5-kg bag and the 10-ft pole.", "The five kilogram bag and the ten foot pole."),
    # times and dates
    ("Meet at 7:05 p.m. or 19:30.", "Meet at seven {oh|zero} five P.M. or nineteen thirty."),
    (
        "The train leaves at 06:15 and arrives at 14:00.",
        "The train leaves at {oh|zero|} six fifteen and arrives at {fourteen hundred|fourteen "
        "hundred hours|fourteen o'clock}.",
    ),
    (
        "He was born on 12/25/1990, she on 25.12.1990.",
        "He was born on December twenty fifth, nineteen ninety, she on {the|} {December twenty "
        "fifth|twenty fifth of December}, nineteen ninety.",
    ),
    (
        "On the 3rd of May 2021, at 9am sharp.",
        "On the third of May twenty twenty one, at nine A.M. sharp.",
    ),
    (
        "It is due 2024-03-07T14:30Z at the latest.",
        "It is due March seventh, twenty twenty four, {at|} fourteen thirty {Z.|U.T.C.|Zulu} at "
        "the latest.",
    ),
    (
        "Open Mon–Fri, 9–5, except 4 July.",
        "Open Monday to Friday, nine to five, except {July fourth|the fourth of July|four July}.",
    ),
    (
        "The '90s and the mid-1800s, c. 1450.",
        "The nineties and the mid eighteen hundreds, circa fourteen fifty.",
    ),
    (
        "The race took 1:23:45.6.",
        "The race took one hour{,|} twenty three minutes{,| and} forty five point six seconds.",
    ),
    (
        "It lasted 2h 15m and 30s.",
        "It lasted two hours fifteen minutes and thirty seconds.",
    ),
    (
        "On Sat 14 Feb 2026, at 8.30 a.m.",
        "On Saturday {February fourteenth|the fourteenth of February|fourteen February}, twenty "
        "twenty six, at eight thirty A.M.",
    ),
    # ranges and scores
    (
        "Pages 12–15, 20 and 33ff. were torn.",
        "Pages twelve to fifteen, twenty and thirty three {and following|F.F.|and the following} "
        "were torn.",
    ),
    (
        "They won 3–2 after losing 0–4.",
        "They won three {to|} two after losing {zero|nil} {to|} four.",
    ),
    (
        "Aged 18-24, in the war of 1914–1918.",
        "Aged eighteen to twenty four, in the war of nineteen fourteen to nineteen eighteen.",
    ),
    (
        "She won 6-4, 7-6 (7-5).",
        "She won six {to|} four, seven {to|} six, seven {to|} five.",
    ),
    # Roman numerals
    (
        "Elizabeth II met John XXIII and Louis XIV.",
        "Elizabeth the second met John the twenty third and Louis the fourteenth.",
    ),
    (
        "In World War II, Chapter IV, Act III, scene ii.",
        "In World War two, Chapter four, Act three, scene two.",
    ),
    (
        "Rocky IV was better than Final Fantasy VII.",
        "Rocky four was better than Final Fantasy seven.",
    ),
    (
        "Charles III's crown and Henry VIII's wives.",
        "Charles the third's crown and Henry the eighth's wives.",
    ),
    # abbreviations at the end of a sentence
    (
        "He works for Apple Inc. She moved to Acme Ltd. Both left at 5 p.m. Then they slept.",
        "He works for Apple Incorporated. She moved to Acme Limited. Both left at five P.M. Then "
        "they slept.",
    ),
    (
        "Bring pens, paper, etc. We start at noon.",
        "Bring pens, paper, et cetera. We start at noon.",
    ),
    (
        "They live on Elm St. It is near Dr. Hall's.",
        "They live on Elm Street. It is near Doctor Hall's.",
    ),
    (
        "See St. John's St., opp. No. 5.",
        "See Saint John's Street, opposite number five.",
    ),
    # addresses
    (
        "Write to j.doe+news@mail.example.co.uk now.",
        "Write to J. dot doe plus news at mail dot example dot co dot U.K. now.",
    ),
    (
        "Open https://example.org:8080/a_b/c-d.html?x=1 today.",
        "Open example dot org colon {eighty eighty|eight zero eight zero|eight thousand eighty} "
        "slash A. {underscore|} B. slash C. {dash|hyphen|} D. dot H.T.M.L. question mark X. equals "
        "one today.",
    ),
    (
        "Visit www.bbc.co.uk/news or @nasa.",
        "Visit {W.W.W. dot|} B.B.C. dot co dot U.K. slash news or at NASA.",
    ),
    # quotation marks and dashes
    (
        "“He said ‘it’s 5 o’clock’,” she wrote.",
        "He said it's five o'clock, she wrote.",
    ),
    ("'Twas the night—'tis said—of '68.", "'Twas the night, 'tis said, of sixty eight."),
    (
        "The London–Paris train, a well-known—if slow—one, left.",
        "The London {to|} Paris train, a well-known, if slow, one, left.",
    ),
    # fractions
    (
        "Use 2 1/2 cups, 3/8 of it now, and ⅔ later.",
        "Use two and {a|one} half cups, three eighths of it now, and two thirds later.",
    ),
    (
        "A 1/4-inch bolt and a 5½-year-old.",
        "A {one|} {quarter|fourth} inch bolt and a five and {a|one} half year old.",
    ),
    # telephone numbers
    (
        "Call (555) 123-4567 or +44 20 7946 0958.",
        "Call five five five, one two three, four five six seven, or plus {four four|forty four}, "
        "{two zero|twenty}, seven nine four six, zero nine five eight.",
    ),
    (
        "Dial 911, or 1-800-555-0199 ext. 12.",
        "Dial nine one one, or one {eight hundred|eight zero zero}, five five five, zero one nine "
        "nine, extension {twelve|one two}.",
    ),
    # versions
    (
        "Python 3.11.4 and v2.0-beta, not iOS 17.5.",
        "Python three point eleven point four and version two point zero beta, not {i O.S.|I.O.S.} "
        "seventeen point five.",
    ),
    # chemistry and mathematics
    (
        "H2SO4 and CO₂ react; NaCl does not.",
        "H. two S.O. four and C.O. two react; {N.A.C.L.|N. A. C. L.} does not.",
    ),
    (
        "If x² + y² = r², then x ≤ r.",
        "If X. squared plus Y. squared equals R. squared, then X. is {at most|less than or equal "
        "to} R.",
    ),
    (
        "5 × 3 = 15, 10 ÷ 4 = 2.5, and −7 < 0.",
        "five times three equals fifteen, ten divided by four equals two point five, and {minus|"
        "negative} seven is less than zero.",
    ),
    (
        "Here f(x) = 2x − 1, √16 = 4, and 3! = 6.",
        "Here F. of X. equals two X. minus one, the square root of sixteen equals four, and three "
        "factorial equals six.",
    ),
    # pictures and initials
    ("Great job 👍🏽, see you at the 🏖️ soon!", "Great job, see you at the soon!"),
    (
        "J. R. R. Tolkien met C.S. Lewis and J.K. Rowling.",
        "J. R. R. Tolkien met C. S. Lewis and J. K. Rowling.",
    ),
    # ordinals, temperatures, coordinates
    (
        "The 21st, 42nd and 103rd floors on 5th Ave.",
        "The twenty first, forty second and one hundred third floors on fifth Avenue.",
    ),
    (
        "It fell from 3°C to -12 °C, about 10° F.",
        "It fell from three degrees Celsius to minus twelve degrees Celsius, about ten degrees "
        "Fahrenheit.",
    ),
    (
        "At 40°26′46″ N, 79°58′56″ W they stopped.",
        "At forty degrees, twenty six minutes, forty six seconds north, seventy nine degrees, "
        "fifty eight minutes, fifty six seconds west they stopped.",
    ),
    # hashtags and files
    (
        "Use #BlackFriday and #1 of 10.",
        "Use {hashtag|} Black Friday and number one of ten.",
    ),
    (
        "Save it as report_final-v2.PDF or data.tar.gz.",
        "Save it as report {underscore|} final {dash|} {version|V.} two dot P.D.F. or data dot tar "
        "dot G.Z.",
    ),
)
# Of the same kinds, set down after the rules: what they must say too, and what they must leave.
MORE = (
    (
        "It was 12.500 € or €1.250,50.",
        "It was twelve thousand five hundred euros or one thousand "
        "two hundred fifty euros {and|} fifty cents.",
    ),
    (
        "Pay 300 PLN, 1 NZD or 20 SEK.",
        "Pay three hundred zlotys, one New Zealand dollar or twenty Swedish kronor.",
    ),
    (
        "The shelf is 6'1\" high; he is 5'11\".",
        "The shelf is six feet one inch high; he is five foot eleven.",
    ),
    (
        "A torque of 5 Nm at 20 MB/s.",
        "A torque of five newton meters at twenty megabytes per second.",
    ),
    (
        "Logged 2023-12-01T08:05:09+01:00 there.",
        "Logged December first, twenty twenty three, eight oh five there.",
    ),
    ("He ran it in 3:59.4.", "He ran it in three minutes fifty nine point four seconds."),
    ("Wait 5m 10s, or 1 h 5 m.", "Wait five minutes ten seconds, or one hour five minutes."),
    ("The 5m 10-year plan.", "The five {meter|meters} ten year plan."),
    ("On Mon, 3 March, and Tue. May 6.", "On Monday, the third of March, and Tuesday May sixth."),
    ("He sat 14 exams; the sun set.", "He sat fourteen exams; the sun set."),
    ("See pp. 7ff.", "See pages seven and following."),
    ("I went to Oak St. There it was.", "I went to Oak Street. There it was."),
    (
        "We met on 5th St. and on Main St. near St. Mary.",
        "We met on fifth Street and on Main Street near Saint Mary.",
    ),
    ("Ask Dr. No.", "Ask Doctor No."),
    ("At bbc.example.de or lab.mit.edu.", "At B.B.C. dot example dot D.E. or lab dot mit dot edu."),
    ("Take KCl, CaCO3 and Fe2O3.", "Take K.C.L., C.A.C.O. three and F.E. two O. three."),
    ("The CoOp, PhD, HeLa, NaN and McNab.", "The CoOp, P.H.D., HeLa, NaN and McNab."),
    ("A 4 x 5 inch room; 4 x 5 = 20.", "A four by five inch room; four times five equals twenty."),
    (
        "It is 10x faster, 3x - 1 and 2x+1.",
        "It is ten times faster, three X. minus one and two X. plus one.",
    ),
    ("Only 5! Yes, five! g(2) = 3.", "Only five! Yes, five! G. of two equals three."),
    ("At 51.5° N, 0° W.", "At fifty one point five degrees north, zero degrees west."),
    ("Turn 90° North.", "Turn ninety degrees North."),
    (
        "Open Photo.JPG, a.b.txt and Song.mp3.",
        "Open Photo dot J.P.G., A. B. dot T.X.T. and Song dot M.P. three.",
    ),
    ("'Til then, 'twas good of him.", "Til then, twas good of him."),
    ("He said 'tis' and 'til'.", "He said tis and til."),
    ("Call 911 people in; call 999.", "Call nine one one people in; call nine nine nine."),
    ("It sold 911 pieces.", "It sold nine hundred eleven pieces."),
)
