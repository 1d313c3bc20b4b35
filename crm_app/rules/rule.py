"""A checked rule. Importable where nothing may be parsed."""

from dataclasses import dataclass

from crm_app.fields.rule_type import RuleType
from crm_app.rules.library import FUNCTIONS
from crm_app.rules.tree import Call, Computed, Context, Member, Name, Node, walk


@dataclass(frozen=True)
class Dependencies:
    """What the answer depends on: pairs of object and field, and which of `now`, `today`, `me`, `old`,
    `vars`, `steps` are mentioned, and whether exchange `rates` are. `through` are the fields from which computed ones
    among them are worked out.
    """

    fields: frozenset[tuple[str, str]] = frozenset()
    context: frozenset[str] = frozenset()
    through: frozenset[tuple[str, str]] = frozenset()

    @property
    def reads(self) -> frozenset[tuple[str, str]]:
        return self.fields | self.through

    @property
    def changes_with_time(self) -> bool:
        return bool(self.context & {"now", "today"})

    @property
    def depends_on_reader(self) -> bool:
        return "me" in self.context


@dataclass(frozen=True)
class Rule:
    """`text` is canonical; `object` is what the rule is about."""

    text: str
    tree: Node
    type: RuleType
    dependencies: Dependencies
    object: str


def dependencies(tree: Node, inverses: frozenset[tuple[str, str]] = frozenset()) -> Dependencies:
    """`inverses` are the fields through which related records point back; the tree itself does not name
    them.
    """
    fields: set[tuple[str, str]] = set(inverses)
    context: set[str] = set()
    through: set[tuple[str, str]] = set()
    for node in walk(tree):
        computed: Computed | None = getattr(node, "computed", None)
        if computed is not None:
            through |= computed.reads
            context |= computed.context
        match node:
            case Context(name=name):
                context.add(name)
            case Name(root="record" | "old" as root, object=owner, name=name):
                fields.add((owner, name))
                context.update({"old"} if root == "old" else ())
            case Name(root="vars" | "steps" as root):
                context.add(root)
            case Member(object=owner, name=name):
                fields.add((owner, name))
            case Call(name=name):
                context |= FUNCTIONS.get(name).needs
            case _:
                pass
    return Dependencies(frozenset(fields), frozenset(context), frozenset(through))
