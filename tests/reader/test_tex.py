"""What between dollars and brackets is TeX, and what only looks like it."""

import subprocess
import sys
import time

import pytest

from reader.tex import tex_in

VARIABLES = [
    "${FOO}/foo/$", "${FOO}/foo/${BAR}", '"${HOME}/bin:$"', "${FOO:-x}$", "${#a[@]}$", "${!x}$",
    "${x%.*}$", "${1}/${2}", "${A}${B}", "${a}-${b}", "${a}_${b}", "${FOO_1}_x$", "${_}$",
    "$HOME/$USER", "$HOME/.x_a/$", "$PATH:$", "$HOME^$", "$FOO_DIR/$BAR_DIR/$", "$foo_bar_baz$",
    "cp $SRC_A/*.c $DST_B/$", "$USER@$HOST", "echo $1 $2 $3", "$1/$2/$", "$i=$j; $", "$_, $_$",
    "$?, $# and $!$", '"$x"_{y}$', "'$x$y'",
]  # fmt: skip
COMMANDS = [
    "$(pwd)/$", "$(A)/$(B)", "$(A)$(B)", '"$(cat x)"$', "kill $$; echo $$", "PID=$$ x=$$",
    "/tmp/a.$$ and /tmp/b.$$", "$((i+1))$((j))",
]  # fmt: skip
MAKEFILES = [
    "$(CC)/$(X)", "$(CC) $(CFLAGS) -o $@ $<", "$(DIR)_1$", "$$HOME/$$USER", "$$(pwd)$$(ls)",
    "$(SRC:.c=.o)$", "${CC} ${LD}$FLAGS",
]  # fmt: skip
PROGRAMS = [
    "$a.$b", "$a[0] and $b[1]", "$_[0], $_", "$ARGV[0]/$", "@{$x_1}$", "%{$x}$", "$x->y(\"$",
    "$data['x_1']$", "for ($i=0; $i<$n; $i++) {$", "$('x').y($z)", "AS $$ BEGIN RETURN 1; END $$",
    "$x = '$y'",
    "$env:TEMP/$", "$1_000$", "$i (0 .. ($n", "$sb) = ($", "$a[$i] = $b[$j]", "$i+1] = '$",
    "$x == 1$", "$x =~ /^a{2}$/", r"$x !~ /\{\s*$/", "$x->y$", "$x::y$", "$i += 1$", "$a && b$",
]  # fmt: skip
TEMPLATES = [
    "${a.b}$", "${f(x)}$", "${env.PATH}/$", "${{ github.ref }}$", "${name}", "$first_name$",
    "${a} of ${b}", "${{x}}$", "${{ name }}/$", "${FOO_{x}}$", "$$max$$", "$$ max $$",
]  # fmt: skip
PATTERNS = [
    "^[a-z]{2}$ and ^[0-9]{3}$", "(a$|b$)", "(a|b)$|c$", "s/x$/y$/", "/$/d; s/^$/x/",
    "grep -E '^a{2}$|^b{3}$'", r"^\d+$|^\w{2}$", r"s/\(foo\)/\1/", r"\(foo\|bar\)", r"\(foo\)",
    r"\([0-9]\+\)", r"\([a-z]*\)\{2\}", r"\([0-9]\{1,3\}\)", r"\(.\{2\}\)", r"\([1-9]\)",
    r"\( sizeof(T) \| sizeof(*a) \)",
]  # fmt: skip
PRICES = [
    "$5-a-day and $6", "costs $5 or 6 $_a", "$$ and $$$", "$$ and $$", "$5/m$", "US$5 or C$6",
    "$1.50 (a) to $2.50", "5$^ and ^$",
]  # fmt: skip
BRACKETS = [
    r"\[1\]",
    r"\[1, 2\]",
    r"\[3–5\]",
    r"\[citation needed\]",
    r"\(WHO\)",
    r"\(max\)",
    r"\[edit\]",
]
FORMULAS = [
    "$x^2$", r"$\alpha$", "$n$", "$E=mc^2$", "$y = ax + b$", "$a_1$", "$a_{ij}$", "$a_{i_{j}}$",
    "${x}^{2}$", "${x}$", r"${\rm min}$", "${f}_{ij}(x)$", "${}^{14}C$", "${10}^{5}$",
    r"${n \choose k}$", r"${\mathbf{x}}_i$", "${GDP}_{t}$", "$GDP_t$", "$x_max$", "$x_{max}$",
    "$(x,y)$", "$(a+b)^2$", "$f(x)$", "$f'(x)$", "$O(n)$", "$x'_i$", "$x_-$", "$x^*$", "$x^+$",
    "$x^2_i$", "$x^{2}_{i}$", "$a_i^2 + b_i^2$", "$H_2O$", "$A^T$", "$10^5$", "$10^{-6}$", "$2n+1$",
    "$n!$", "$|x|$", "$|x|^2$", "$P(A|B)$", r"$D_{KL}(P\|Q)$", r"$\mathbb{R}^+$", r"$\{a\}$",
    r"$100\%$", "$m/sec^2$", "$x.$", "$^2$", "$_2$", "$π$", "$α+β$", r"$\text{if } x > 0$",
    r"$x_1 \ldots x_n$", "$SL_2(Z)$", "$min_{x}$", "$`a^2`$",
    "$$c$$", "$$y. z$$", "$$ E = mc^2 $$", "$$ total = price * quantity $$", r"$$\frac{a}{b}$$",
    "$$\n\\{a\\}\n$$", r"\(n\)", r"\(10\)", r"\(x^2\)", r"\(π r^2\)", r"\(x = y\)",
    "$[0,1) = I$", r"$x \in \{0,1\}^n$", r"$x\in\{0,1\}$", r"\(\| x \|\)", "$||x||$",
    "${x_{max}}$", "${R^{2}}$", "${{x}_{i}}+{{y}_{i}}$", "$$ 售价 = 成本 + 利润 $$",
    "$$ Fläche = Länge * Breite $$", "$$\ny = ax + b \\\\\nz = c\n$$", "$$a &= b \\\\ c &= d$$",
    r"$$F\ =\ ma$$", "$$ max(0, x) $$", "$$ O(n log n) $$", r"\(sin(x)\)", r"\(log n\)",
    r"\(speed = distance / time\)", r"\[b\]", r"\[x = y\]", r"\[2 + 2 = 4\]",
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [*VARIABLES, *COMMANDS, *MAKEFILES, *PROGRAMS, *TEMPLATES, *PATTERNS, *PRICES, *BRACKETS],
)
def test_what_only_looks_like_tex_is_none(text):
    assert [found.tex for found in tex_in(f"Write {text} or {text}")] == []


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_found_whole(text):
    around = f"So {text} holds, and {text}"
    assert [around[found.start : found.end] for found in tex_in(around)] == [text, text]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("$a$ and $b$", ["a", "b"]),
        ("$k$-th, ($n$), $p<$ 0.05", ["k", "n", "p<"]),
        ("设$x$为实数，$y$(即速度)", ["x", "y"]),
        ("售价$5到$10或者$20", []),
        # What is none may end where one begins.
        ("${FOO} $x^2$ and ${BAR}/$y^2$", ["x^2", "y^2"]),
        ("The process is $$. So $$x^2$$ holds", ["x^2"]),
        (r"\(foo\) and \(x\)", ["x"]),
    ],
)
def test_formulas_stand_beside_other_words(text, formulas):
    assert [found.tex for found in tex_in(text)] == formulas


def test_variables_of_a_shell_load_no_library_of_formulas():
    page = "".join(f"<p>Set {each} first.</p>" for each in (*VARIABLES, *COMMANDS, *MAKEFILES))
    program = (
        "import sys\n"
        "from reader.extraction import extract\n"
        "from reader.spoken import speak\n"
        f"for block in extract('html', {page.encode()!r}).blocks:\n"
        "    speak(block.kind, block.html, block.shown, language='en')\n"
        "sys.exit('latex2mathml' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


@pytest.mark.parametrize(
    "piece",
    ["${a}", "$(a) ", "$$a ", "$a{", "$a_{", "$_{a}$", r"\(a b c\) ", r"\[1\]", "$a_{_{"],
)
def test_hostile_dollars_take_no_time(piece):
    begun = time.process_time()
    for text in (piece * 20_000, piece[0] + piece[1:] * 20_000):
        list(tex_in(text))
    assert time.process_time() - begun < 5
