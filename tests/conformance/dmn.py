"""DMN models as sources: decisions, tables, contexts and knowledge, each named and expanded where it is needed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.conformance import feel_grammar, feel_tokens
from tests.conformance.source import Attr, Call, Cond, Each, Fn, Items, Lit, Obj, Op, Source, Untranslatable, Var

RESULT = "=result"
_KINDS = {"number": "number", "string": "text", "boolean": "bool", "date": "date", "time": "time",
          "date and time": "datetime", "days and time duration": "duration", "years and months duration": "months",
          "dateTime": "datetime", "dayTimeDuration": "duration", "yearMonthDuration": "months"}  # fmt: skip


def tag(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]


def child(node: ET.Element, *names: str) -> ET.Element | None:
    return next((each for each in node if tag(each) in names), None)


def kids(node: ET.Element, name: str) -> list[ET.Element]:
    return [each for each in node if tag(each) == name]


def text_of(node: ET.Element | None) -> str:
    """What stands in its `text`, if anything does."""
    found = None if node is None else child(node, "text")
    return "" if found is None or found.text is None else found.text.strip()


@dataclass
class Model:
    """`names` are all there are, so that those with blanks are known to the reader."""

    root: ET.Element
    names: frozenset[str] = frozenset()
    inputs: dict[str, str] = field(default_factory=dict[str, str])
    decisions: dict[str, ET.Element] = field(default_factory=dict[str, ET.Element])
    by_id: dict[str, ET.Element] = field(default_factory=dict[str, ET.Element])

    @classmethod
    def read(cls, path: Path) -> "Model":
        root = ET.parse(path).getroot()  # noqa: S314 - the file lies beside the project
        model = cls(root)
        names = {each.get("name", "") for each in root.iter()} | set(feel_tokens.BUILT_IN)
        model.names = frozenset(" ".join(name.split()) for name in names if not name.isidentifier() and _is_name(name))
        variables = [(each.get("name", ""), child(each, "variable")) for each in kids(root, "inputData")]
        model.inputs = {name: "" if each is None else each.get("typeRef", "") for name, each in variables}
        model.decisions = {each.get("name", ""): each for each in kids(root, "decision")}
        model.by_id = {each.get("id", ""): each for each in root}
        return model

    def parse(self, text: str) -> Source:
        return feel_grammar.parse(text, self.names)

    def decision(self, name: str) -> Source:
        """Its own expression, with all that it depends on named before it."""
        found = self.decisions.get(name)
        if found is None:
            raise Untranslatable("a service made of decisions")
        if kids(self.root, "import"):
            raise Untranslatable("a model that imports another")
        entries = [(each.get("name", ""), self._typed_body(each)) for each in self._needed(found, set())]
        return Attr(Obj((*entries[:-1], (RESULT, entries[-1][1]))), RESULT)

    def _typed_body(self, node: ET.Element) -> Source:
        body, variable = self._body(node), child(node, "variable")
        if tag(node) == "businessKnowledgeModel" or variable is None:
            return body
        return self.typed(body, variable.get("typeRef", ""))

    def typed(self, body: Source, name: str) -> Source:
        """Where the type is one of FEEL's own, or a list or another name of it."""
        kind = self.kind(name)
        return body if kind is None else Call(" typed", (body, Lit(kind)))

    def kind(self, name: str) -> tuple[str, bool] | None:
        if name in _KINDS:
            return _KINDS[name], False
        found = next((each for each in kids(self.root, "itemDefinition") if each.get("name") == name), None)
        if found is None:
            return None
        reference = child(found, "typeRef")
        inner = None if reference is None else self.kind((reference.text or "").rpartition(":")[2])
        if inner is None or (inner[1] and found.get("isCollection") == "true"):
            return None
        return inner[0], inner[1] or found.get("isCollection") == "true"

    def _needed(self, node: ET.Element, seen: set[str]) -> list[ET.Element]:
        """What it requires, in order, and itself last."""
        if node.get("id") in seen or tag(node) not in {"decision", "businessKnowledgeModel"}:
            return []
        seen.add(node.get("id", ""))
        found: list[ET.Element] = []
        for requirement in (*kids(node, "informationRequirement"), *kids(node, "knowledgeRequirement")):
            for each in requirement:
                required = self.by_id.get(each.get("href", "").rpartition("#")[2])
                found += [] if required is None else self._needed(required, seen)
        return [*found, node]

    def _body(self, node: ET.Element) -> Source:
        if tag(node) == "businessKnowledgeModel":
            logic = child(node, "encapsulatedLogic")
            return Lit(None) if logic is None else self._function(logic)
        found = child(node, *_EXPRESSIONS)
        return Lit(None) if found is None else self.expression(found)

    def expression(self, node: ET.Element) -> Source:
        return _EXPRESSIONS[tag(node)](self, node)

    def literal(self, node: ET.Element) -> Source:
        text = text_of(node)
        return self.parse(text) if text else Lit(None)

    def _only(self, node: ET.Element) -> Source:
        found = child(node, *_EXPRESSIONS)
        return Lit(None) if found is None else self.expression(found)

    def context(self, node: ET.Element) -> Source:
        entries: list[tuple[str, Source]] = []
        for entry in kids(node, "contextEntry"):
            variable = child(entry, "variable")
            value = self._only(entry)
            if variable is None:
                return Attr(Obj((*entries, (RESULT, value))), RESULT)
            entries.append((variable.get("name", ""), value))
        return Obj(tuple(entries))

    def items(self, node: ET.Element) -> Source:
        return Items(tuple(self.expression(each) for each in node if tag(each) in _EXPRESSIONS))

    def relation(self, node: ET.Element) -> Source:
        columns = [each.get("name", "") for each in kids(node, "column")]
        rows = [[self.expression(each) for each in row if tag(each) in _EXPRESSIONS] for row in kids(node, "row")]
        return Items(tuple(Obj(tuple(zip(columns, row, strict=False))) for row in rows))

    def _function(self, node: ET.Element) -> Source:
        if node.get("kind") in {"Java", "PMML"}:
            raise Untranslatable("a function of the host")
        params = kids(node, "formalParameter")
        names = tuple(each.get("name", "") for each in params)
        fitted = tuple((each.get("name", ""), self._parameter(each)) for each in params)
        return Fn(names, Attr(Obj((*fitted, (RESULT, self._only(node)))), RESULT))

    def _parameter(self, node: ET.Element) -> Source:
        return self.typed(Var(node.get("name", "")), node.get("typeRef", ""))

    def invocation(self, node: ET.Element) -> Source:
        callee = child(node, "literalExpression")
        bound = {
            parameter.get("name", ""): self._only(binding)
            for binding in kids(node, "binding")
            if (parameter := child(binding, "parameter")) is not None
        }
        return Call(text_of(callee), (), bound)

    def conditional(self, node: ET.Element) -> Source:
        parts = [self._part(node, name) for name in ("if", "then", "else")]
        return Cond(*parts)

    def _part(self, node: ET.Element, name: str) -> Source:
        found = child(node, name)
        return Lit(None) if found is None else self._only(found)

    def loop(self, node: ET.Element) -> Source:
        kind = {"for": "map", "some": "any", "every": "all"}[tag(node)]
        body = self._part(node, "return" if kind == "map" else "satisfies")
        return Each(kind, self._part(node, "in"), node.get("iteratorVariable", ""), body)

    def kept(self, node: ET.Element) -> Source:
        return Each("filter", self._part(node, "in"), "item", self._part(node, "match"))

    def table(self, node: ET.Element) -> Source:
        return _Table(self, node).source()


class _Table:
    """A decision table as a choice of choices."""

    def __init__(self, model: Model, node: ET.Element) -> None:
        self.model, self.node = model, node
        self.outputs = kids(node, "output")
        self.policy = node.get("hitPolicy", "UNIQUE")
        self.inputs = [self._input(each) for each in kids(node, "input")]
        rules = kids(node, "rule")
        self.rules = [(self._condition(rule), self._results(rule)) for rule in rules]

    def _input(self, node: ET.Element) -> Source:
        return self.model.parse(text_of(child(node, "inputExpression")))

    def _condition(self, rule: ET.Element) -> Source:
        tests: list[Source] = []
        for value, entry in zip(self.inputs, kids(rule, "inputEntry"), strict=True):
            text = text_of(entry) or "-"
            if text != "-":
                tests.append(Call(" in", (value, feel_grammar.parse_tests(text, self.model.names))))
        if not tests:
            return Lit(value=True)
        return tests[0] if len(tests) == 1 else Op("and", tuple(tests))

    def _results(self, rule: ET.Element) -> list[Source]:
        return [self.model.literal(entry) for entry in kids(rule, "outputEntry")]

    def source(self) -> Source:
        if self.policy in {"RULE ORDER", "OUTPUT ORDER"} or (
            self.policy == "COLLECT" and self.node.get("aggregation") not in {"SUM", "COUNT"}
        ):
            raise Untranslatable("a list that is computed")
        if self.policy == "COLLECT":
            return self._collected()
        if self.policy == "PRIORITY":
            self.rules.sort(key=lambda rule: self._rank(rule[1]))
        if len(self.outputs) == 1:
            return self._first(0)
        return Obj(tuple((output.get("name", ""), self._first(at)) for at, output in enumerate(self.outputs)))

    def _rank(self, results: list[Source]) -> tuple[int, ...]:
        """Earlier among the values that an output may have comes first."""
        ranks: list[int] = []
        for output, result in zip(self.outputs, results, strict=True):
            values = self.model.parse(f"[{text_of(child(output, 'outputValues'))}]")
            known = values.items if isinstance(values, Items) else ()
            ranks.append(known.index(result) if result in known else len(known))
        return tuple(ranks)

    def _first(self, at: int) -> Source:
        default = child(self.outputs[at], "defaultOutputEntry")
        found: Source = Lit(None) if default is None else self.model.literal(default)
        for condition, results in reversed(self.rules):
            found = Cond(condition, results[at], found)
        return found

    def _collected(self) -> Source:
        is_count = self.node.get("aggregation") == "COUNT"
        found: Source | None = None
        for condition, results in self.rules:
            term = Cond(condition, Lit(1) if is_count else results[0], Lit(0))
            found = term if found is None else Op("+", (found, term))
        return found or Lit(0)


_EXPRESSIONS: dict[str, Callable[[Model, ET.Element], Source]] = {
    "literalExpression": Model.literal,
    "context": Model.context,
    "list": Model.items,
    "relation": Model.relation,
    "functionDefinition": Model._function,
    "invocation": Model.invocation,
    "conditional": Model.conditional,
    "for": Model.loop,
    "some": Model.loop,
    "every": Model.loop,
    "filter": Model.kept,
    "decisionTable": Model.table,
}


def _is_name(name: str) -> bool:
    """Worth looking for in a text: what a reader would otherwise take apart."""
    return bool(name) and not name.isdigit() and "\n" not in name
