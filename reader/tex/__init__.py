r"""Mathematics in TeX: where it stands among the words of a text, and as MathML.

It stands between $…$, $$…$$, \(…\), \[…\] or in an environment (``places``). Not all that stands
there is TeX (``telling``). The library that makes MathML of it is kept from what could hold it up
(``mathml``).
"""

from reader.tex.mathml import LONGEST, mathml_of
from reader.tex.places import TeX, may_have_tex, tex_in

__all__ = ["LONGEST", "TeX", "mathml_of", "may_have_tex", "tex_in"]
