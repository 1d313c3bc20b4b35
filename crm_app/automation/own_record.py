"""What a rule wants to know of the record that its run is about."""

from crm_app.rules.tree import Name, Node, walk

_ID = ("id", "record")


def reads_own_record(tree: Node) -> bool:
    """Whether a rule asks anything of the record that the run is about."""
    return any(isinstance(node, Name) and _is_own(node) for node in walk(tree))


def needs_own_record(tree: Node) -> bool:
    """Whether it asks more of that record than which one it is."""
    return any(isinstance(node, Name) and _is_own(node) and (node.name, node.root) != _ID for node in walk(tree))


def _is_own(name: Name) -> bool:
    return name.root == "old" or (name.root == "record" and name.level == 0)
