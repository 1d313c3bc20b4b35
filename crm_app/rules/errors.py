"""Why a rule is refused, and where in its text."""

import difflib
from collections.abc import Iterable

from crm_app.kernel.errors import Invalid
from crm_app.rules.tree import Span


class RuleError(Invalid):
    """`span` is the place in the text, end exclusive; `expected` and `found` are words such as `money`;
    `suggestion` is text to write instead. `render` shows the place with a caret.
    """

    code = "invalid_rule"

    def __init__(
        self,
        message: str,
        span: Span,
        *,
        expected: str = "",
        found: str = "",
        suggestion: str = "",
        text: str = "",
    ) -> None:
        hint = f" Did you mean `{suggestion}`?" if suggestion else ""
        super().__init__(
            message + hint, span=list(span), expected=expected, found=found, suggestion=suggestion, text=text
        )
        self.span = span
        self.expected = expected
        self.found = found
        self.suggestion = suggestion
        self.text = text
        self.bare_message = message

    def about(self, text: str) -> "RuleError":
        """The same refusal, knowing the text that it is about."""
        return RuleError(
            self.bare_message,
            self.span,
            expected=self.expected,
            found=self.found,
            suggestion=self.suggestion,
            text=text,
        )

    def render(self) -> str:
        """The line of the text that is wrong, carets under the place, and the message."""
        return f"{underlined(self.text, self.span)}\n{self.message}" if self.text else self.message


def underlined(text: str, span: Span) -> str:
    """The first line that the span touches, with carets under it."""
    start = min(span[0], len(text))
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line = text[line_start : line_end if line_end >= 0 else len(text)]
    width = max(1, min(span[1], line_start + len(line)) - start)
    lead = "".join("\t" if mark == "\t" else " " for mark in line[: start - line_start])
    return f"{line}\n{lead}{'^' * width}"


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like this one, or empty."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else ""
