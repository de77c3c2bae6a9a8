"""The configuration file as bytes: where it is, read and written as a file of its user alone."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.errors import CommandError, ExitCode
from kolay_invoice.cli.i18n import _
from kolay_invoice.messages import N_
from kolay_invoice.private_file import NotPrivateError, make_private_folders, open_private, read_private


def config_path() -> Path:
    """Return where the configuration file is."""
    own = os.environ.get("KOLAY_INVOICE_CONFIG")
    if own:
        return Path(own)
    from platformdirs import user_config_path

    try:
        path = user_config_path("kolay-invoice", appauthor=False) / "config.toml"
    except (RuntimeError, OSError, KeyError):
        path = Path("~")
    # Earlier versions of platformdirs leave the ~ as it is, which would be a folder of this name.
    if not path.is_absolute():
        raise CommandError(
            ExitCode.USAGE,
            _(
                "This user has no home directory that holds a configuration file: set HOME, name the file in "
                "KOLAY_INVOICE_CONFIG, or give the credentials in the environment."
            ),
        )
    return path


def read_config(path: Path) -> str:
    """Return the text of the file. A file that is not there is an empty one.

    A link that its user made, such as that of a manager of dotfiles, is resolved; the file that it leads to is checked.

    Raises:
        CommandError: It cannot be read, or it is not of this user alone.
    """
    try:
        return _decode(path, read_private(path.resolve()))
    except FileNotFoundError:
        return ""
    except NotPrivateError as error:
        problem = _(
            "{reason}. The credentials in it are not used; if others could read it, consider them as known.",
            reason=translate(error),
        )
    except (OSError, RuntimeError) as error:
        # `resolve` raises a RuntimeError for links that lead in a circle.
        problem = _(
            "{path} cannot be read: {reason}.", path=path, reason=translate(getattr(error, "strerror", None) or "ELOOP")
        )
    raise CommandError(ExitCode.USAGE, problem)


def _decode(path: Path, content: bytes) -> str:
    """Return the text of the file, which must be UTF-8.

    Raises:
        CommandError: It has another encoding, which is named where it can be seen.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content:
        problem = N_("{path} is written in UTF-16 and must be UTF-8: save it as UTF-8.")
    elif content.startswith(codecs.BOM_UTF8):
        problem = N_("{path} begins with a byte order mark (BOM): save it as UTF-8 without one.")
    else:
        try:
            return content.decode()
        except UnicodeDecodeError:
            problem = N_("{path} is not UTF-8, and may be in Windows-1254 (cp1254): save it as UTF-8.")
    raise CommandError(ExitCode.USAGE, _(problem, path=path))


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
