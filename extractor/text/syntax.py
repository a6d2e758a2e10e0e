"""The parser of regular expressions of the standard library, which has moved: what patterns are read with."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 11):
    import re._constants as constants
    import re._parser as parser
else:  # Python 3.10 keeps them at the top level
    import sre_constants as constants
    import sre_parse as parser

__all__ = ["constants", "parser"]
