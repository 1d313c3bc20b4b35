"""A role as a definition. Published, it becomes Casbin lines: `p = role, object, field, action, scope, effect`."""

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from crm_app.definitions.model import ApiName, Definition, Part

# The one role that every workspace has (`policies/roles.csv`).
ADMIN = "admin"
Action = Literal["read", "create", "edit", "delete", "export", "import", "transfer", "share", "bulk", "administer"]
ACTIONS: tuple[Action, ...] = get_args(Action)
Scope = Literal["own", "team", "team_below", "territory", "territory_below", "all"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
RULE = "rule:"
RuleScope = Annotated[str, Field(pattern=rf"^{RULE}[^\n\r]*[^ \n\r]$", max_length=2_000)]
_ONE_LINE = r"^[^\n\r]*$"
Level = Literal["none", "mask", "read"]


class Grant(Part):
    """`actions` on `objects` (`*` is every one), on the records that `scope` reaches: `rule:size < 10` are those of
    which that is true. A line that restricts grants nothing: whatever is granted, only records in its scope stay.
    `note` says why.
    """

    objects: tuple[str, ...] = Field(min_length=1)
    actions: tuple[Action | Literal["*"], ...] = Field(min_length=1)
    scope: Scope | RuleScope = "all"
    effect: Literal["allow", "deny", "restrict"] = "allow"
    note: str = Field(default="", max_length=300, pattern=_ONE_LINE)

    @property
    def rule(self) -> str:
        """Empty where the scope is a word."""
        return self.scope.removeprefix(RULE) if self.scope.startswith(RULE) else ""

    @model_validator(mode="after")
    def _rule_is_about_one_object(self) -> Self:
        if self.rule and (len(self.objects) != 1 or self.objects[0] == "*"):
            raise ValueError("A rule is about the records of one object: name just that one.")
        return self


class FieldLevel(Part):
    """Lowers a field of an object for the role."""

    object: ApiName
    field: ApiName
    level: Level


class RoleDefinition(Definition):
    """A person's job, or named grants that some have besides their job: a permission set stands in no hierarchy."""

    kind: Literal["role", "permission_set"] = "role"
    description: str = Field(default="", max_length=500, pattern=_ONE_LINE)
    inherits: tuple[ApiName, ...] = ()
    grants: tuple[Grant, ...] = ()
    field_levels: tuple[FieldLevel, ...] = ()
    archived: bool = False

    def policy_lines(self) -> list[tuple[str, ...]]:
        """An archived role grants nothing to those who have it."""
        if self.archived:
            return []
        lines: list[tuple[str, ...]] = [("g", self.name, parent) for parent in self.inherits]
        for grant in self.grants:
            lines += [
                ("p", self.name, name, "*", action, grant.scope, grant.effect)
                for name in grant.objects
                for action in grant.actions
            ]
        lines += [("p", self.name, f.object, f.field, f.level, "all", "deny") for f in self.field_levels]
        return lines
