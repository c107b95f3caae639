"""Every setting, as a table that can be pasted into a page of documentation."""

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from entrypoints.settings import PREFIX, Settings


def rows() -> list[tuple[str, str, str]]:
    """Variable, default and meaning of each setting."""
    return [
        (f"{PREFIX}{name}".upper(), _default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def markdown() -> str:
    """The settings as a Markdown table."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | {default} | {meaning} |" for name, default, meaning in rows()]
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    print(markdown())


def _default(field: FieldInfo) -> str:
    default = field.default
    if default is None:
        return ""
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    return f"`{default}`"
