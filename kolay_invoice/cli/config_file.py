"""The configuration file as bytes: where it is, read and written as a file of its user alone."""

from __future__ import annotations

import os
from pathlib import Path

from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.errors import CommandError, ExitCode
from kolay_invoice.cli.i18n import _
from kolay_invoice.private_file import NotPrivateError, make_private_folders, open_private, read_private


def config_path() -> Path:
    """Return where the configuration file is."""
    own = os.environ.get("KOLAY_INVOICE_CONFIG")
    if own:
        return Path(own)
    from platformdirs import user_config_path

    return user_config_path("kolay-invoice", appauthor=False) / "config.toml"


def read_config(path: Path) -> str:
    """Return the text of the file. A file that is not there is an empty one.

    A link that its user made, such as that of a manager of dotfiles, is resolved; the file that it leads to is checked.

    Raises:
        CommandError: It cannot be read, or it is not of this user alone.
    """
    try:
        return read_private(path.resolve()).decode()
    except FileNotFoundError:
        return ""
    except NotPrivateError as error:
        told = _(
            "{told}. The credentials in it are not used; if others could read it, consider them as known.",
            told=translate(error),
        )
    except UnicodeDecodeError:
        told = _("{path} cannot be read: {told}.", path=path, told="UTF-8")
    except (OSError, RuntimeError) as error:
        # `resolve` raises a RuntimeError for links that lead in a circle.
        told = _(
            "{path} cannot be read: {told}.", path=path, told=translate(getattr(error, "strerror", None) or "ELOOP")
        )
    raise CommandError(ExitCode.USAGE, told)


def write_config(path: Path, text: str) -> None:
    """Write the file. It is whole at every moment, and of mode 0600 from its first byte.

    Raises:
        CommandError: Its path is a link to nothing.
        OSError: It cannot be written.
    """
    target = path.resolve()
    if path.is_symlink() and not target.exists():
        raise CommandError(
            ExitCode.USAGE,
            _(
                "{path} is a link to {target}, which is not there: make that file, or remove the link.",
                path=path,
                target=target,
            ),
        )
    make_private_folders(target.parent)
    new = target.with_name(f"{target.name}.new")
    new.unlink(missing_ok=True)
    try:
        with open(new, "x", encoding="utf-8", opener=open_private) as file:
            file.write(text)
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
