"""The source of the credentials, and their protection."""

import errno
import getpass
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from kolay_invoice.cli import accounts, settings
from kolay_invoice.cli.errors import CommandError

CANARY = "canary-secret"


@pytest.fixture
def keyring(monkeypatch):
    """A keyring in memory."""
    entries = {}
    keyring_error = type("KeyringError", (Exception,), {})
    missing = type("PasswordDeleteError", (keyring_error,), {})
    errors = SimpleNamespace(KeyringError=keyring_error, PasswordDeleteError=missing)

    def delete(service, name):
        if entries.pop((service, name), None) is None:
            raise missing

    module = SimpleNamespace(
        entries=entries,
        errors=errors,
        get_keyring=object,
        get_password=lambda service, name: entries.get((service, name)),
        set_password=lambda service, name, secret: entries.__setitem__((service, name), secret),
        delete_password=delete,
    )
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return module


def profile(emulator, name="shop", **changes):
    values = {
        "channel": emulator.kolaybi_channel,
        "api_key": emulator.kolaybi_api_key,
        "base_url": emulator.kolaybi_url,
        **changes,
    }
    lines = [f"{key} = {value if isinstance(value, int) else json.dumps(value)}" for key, value in values.items()]
    return f"[profiles.{name}.kolaybi]\n" + "\n".join(lines) + "\n"


def forget(monkeypatch):
    for name in [name for name in os.environ if name.startswith("KOLAYBI_")]:
        monkeypatch.delenv(name)


def test_a_named_profile_is_used_as_a_whole_and_nothing_of_the_environment(kolay, emulated, config, monkeypatch):
    config(profile(emulated))
    monkeypatch.setenv("KOLAYBI_CHANNEL", "of-nobody")
    monkeypatch.setenv("KOLAYBI_ACCESS_TOKEN", "of-nobody")
    assert kolay("kolaybi", "companies")[0] == 2
    assert kolay("kolaybi", "companies", "--profile", "shop")[0] == 0
    monkeypatch.setenv("KOLAY_INVOICE_PROFILE", "shop")
    code, _, err = kolay("kolaybi", "create-e-document", "1")
    assert code == 2
    assert "with the credentials of the profile shop" in err
    assert kolay("kolaybi", "create-e-document", "1", "--yes")[0] == 0


def test_the_default_profile_is_for_those_who_have_nothing_in_the_environment(kolay, emulated, config, monkeypatch):
    config(profile(emulated, "default", company_id=5))
    assert "environment" in kolay("kolaybi", "resend", "18")[2]
    forget(monkeypatch)
    assert "the profile default" in kolay("kolaybi", "resend", "18")[2]
    assert kolay("kolaybi", "list")[0] == 0


@pytest.mark.parametrize("provider", ["kolaybi", "propars"])
def test_without_any_account_the_error_says_how_to_have_one(kolay, provider):
    command = {"kolaybi": ("kolaybi", "companies"), "propars": ("propars", "xml", "--sale-id", "1")}
    code, _, err = kolay(*command[provider])
    assert code == 2
    assert f"kolay-invoice config set {provider}." in err


def test_a_batch_takes_a_profile_too(kolay, emulated, config, monkeypatch, tmp_path):
    config(profile(emulated, company_id=5))
    forget(monkeypatch)
    (tmp_path / "sends.csv").write_text("operation,document_id\ncreate-e-document,1\n")
    run = ("batch", "run", "sends.csv", "--journal", "sqlite:///sends.db", "--profile", "shop")
    code, _, err = kolay(*run)
    assert code == 2
    assert "the profile shop" in err
    assert kolay(*run, "--yes")[0] == 0
    assert emulated.executions("create_e_document", 1) == 1
    out = kolay("batch", "status", "--journal", "sqlite:///sends.db", "--state", "done")[1]
    assert "kolaybi:shop:create_e_document" in out


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o602])
def test_a_file_that_others_can_open_is_refused(kolay, emulated, config, mode):
    config(profile(emulated), mode)
    code, _, err = kolay("kolaybi", "companies", "--profile", "shop")
    assert code == 2
    assert f"(mode {mode:04o})" in err
    assert "chmod 600" in err
    assert emulated.requests == []


def test_a_file_of_somebody_else_is_refused(kolay, emulated, config, monkeypatch):
    config(profile(emulated))
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert (
        "belongs to another user. The credentials in it are not used"
        in kolay("kolaybi", "companies", "--profile", "shop")[2]
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"api_key = {CANARY}", "(at line 1, column 11)"),
        ("api_key =", "(at end of document)"),
        (f"[profiles]\nshop = '{CANARY}'", "must hold tables"),
        (f"other = '{CANARY}'", "must hold tables"),
        (f"profiles = '{CANARY}'", "must hold tables"),
        (f"[profiles.shop.gib]\nx = '{CANARY}'", "names gib"),
        (f"[profiles.shop]\nkolaybi = '{CANARY}'", "names kolaybi"),
        (f"[profiles.shop.kolaybi]\npassword = '{CANARY}'", "unknown setting password"),
        (f"[profiles.shop.kolaybi]\napi_key = ['{CANARY}']", "must be a text"),
        ("[profiles.shop.kolaybi]\napi_key = ''", "must be a text"),
        ("[profiles.shop.kolaybi]\ncompany_id = 'x'", "company_id is a number"),
        ("[profiles.other.kolaybi]\napi_key = 'x'", "there are: other"),
        ("[profiles.other.propars]\ntoken = 'x'", "there are: -"),
        (f"[profiles.shop.kolaybi]\napi_key = '{CANARY}'", "has no channel"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_without_a_value_of_it(kolay, emulated, config, text, expected):
    config(text)
    code, out, err = kolay("kolaybi", "companies", "--profile", "shop")
    assert code == 2
    assert expected in err
    assert CANARY not in out + err


def test_a_file_that_cannot_be_read_is_an_error(kolay, emulated, config):
    path = config("")
    path.unlink()
    path.mkdir()
    assert "cannot be read: Is a directory" in kolay("kolaybi", "companies", "--profile", "shop")[2]


@pytest.mark.timeout(30)
def test_a_fifo_in_place_of_the_file_makes_nothing_wait(kolay, tmp_path):
    os.mkfifo(tmp_path / "config.toml")
    for arguments in (("config", "show"), ("config", "set", "kolaybi.company_id", "3"), ("kolaybi", "companies")):
        code, _, err = kolay(*arguments)
        assert (code, "is not a regular file" in err) == (2, True)


def test_a_link_to_the_file_is_kept_and_the_file_is_written(kolay, config, tmp_path):
    real = config("").rename(tmp_path / "dotfiles.toml")
    (tmp_path / "config.toml").symlink_to(real)
    assert kolay("config", "set", "kolaybi.company_id", "3")[0] == 0
    assert (tmp_path / "config.toml").is_symlink()
    assert "company_id = 3" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o600
    real.chmod(0o644)
    assert "dotfiles.toml can be read or changed by others" in kolay("config", "show")[2]


def test_a_link_to_nothing_is_not_followed(kolay, tmp_path):
    (tmp_path / "config.toml").symlink_to(tmp_path / "elsewhere")
    code, _, err = kolay("config", "set", "kolaybi.company_id", "3")
    assert code == 2
    assert "elsewhere, which is not there" in err
    assert [one.name for one in tmp_path.iterdir()] == ["config.toml"]


def test_links_in_a_circle_are_said(kolay, tmp_path):
    (tmp_path / "config.toml").symlink_to(tmp_path / "config.toml")
    code, _, err = kolay("config", "show")
    assert (code, "config.toml" in err) == (2, True)


def test_folder_and_file_are_private_whatever_the_umask_is(kolay, monkeypatch, tmp_path):
    path = tmp_path / "one" / "two" / "config.toml"
    monkeypatch.setenv("KOLAY_INVOICE_CONFIG", str(path))
    before = os.umask(0)
    try:
        assert kolay("config", "set", "kolaybi.company_id", "3")[0] == 0
    finally:
        os.umask(before)
    modes = [one.stat().st_mode & 0o777 for one in (path.parent.parent, path.parent, path)]
    assert modes == [0o700, 0o700, 0o600]


def test_a_file_that_cannot_be_written_whole_leaves_no_secret_behind(kolay, config, monkeypatch, tmp_path):
    path = config("[profiles.default.kolaybi]\ncompany_id = 1\n")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    code, _, err = kolay("config", "set", "kolaybi.company_id", "3")
    assert (code, "No space left" in err) == (2, True)
    assert list(tmp_path.iterdir()) == [path]
    assert "company_id = 1" in path.read_text()


def test_the_file_is_where_the_platform_has_such_files(monkeypatch, tmp_path):
    monkeypatch.delenv("KOLAY_INVOICE_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert accounts.config_path() == tmp_path / "kolay-invoice" / "config.toml"


@pytest.mark.parametrize(("given", "company"), [(None, None), (7, 7)])
def test_a_company_can_be_left_open(given, company):
    assert accounts.company_id_of(accounts.Account("kolaybi", None, {}), given) == company


def test_a_repr_of_an_account_shows_no_secret():
    account = accounts.Account("kolaybi", "shop", {"api_key": CANARY})
    assert CANARY not in repr(account)


# The journal


def test_a_profile_names_the_journal_beside_the_environment(kolay, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert "No journal is named: give --journal" in kolay("batch", "status")[2]
    assert kolay("config", "set", "journal.url", "sqlite:///default.db")[0] == 0
    assert kolay("config", "set", "journal.url", "sqlite:///shop.db", "--profile", "shop")[0] == 0
    assert "sqlite:///shop.db" in kolay("config", "show", "--profile", "shop")[1]
    assert "default.db" in kolay("batch", "status")[2]
    monkeypatch.setenv("KOLAY_INVOICE_JOURNAL", "sqlite:///environment.db")
    assert "environment.db" in kolay("batch", "status")[2]
    assert "environment.db" in kolay("batch", "end-doubt", "--because", "x", "--yes", "--profile", "none")[2]
    assert "shop.db" in kolay("batch", "settle", "x", "--profile", "shop")[2]
    assert "given.db" in kolay("batch", "status", "--profile", "shop", "--journal", "sqlite:///given.db")[2]


def test_the_password_of_a_profiles_journal_is_asked_for_and_never_shown(kolay, typed, monkeypatch):
    url = f"postgresql://user:{CANARY}@127.0.0.1:9/none"
    code, _, err = kolay("config", "set", "journal.url", url)
    assert (code, "leave it out of the command" in err) == (2, True)
    monkeypatch.setattr(getpass, "getpass", lambda _: url)
    typed("")
    assert kolay("config", "set", "journal.url")[0] == 0
    for arguments in (("config", "show"), ("batch", "status")):
        _, out, err = kolay(*arguments)
        assert CANARY not in out + err
    assert "127.0.0.1" in err


# The keyring


def test_a_secret_can_be_kept_in_the_keyring(kolay, emulated, config, keyring, typed, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda _prompt: emulated.kolaybi_api_key)
    path = config(profile(emulated))
    typed("")
    assert kolay("config", "set", "kolaybi.api_key", "--profile", "shop", "--keyring")[0] == 0
    assert emulated.kolaybi_api_key not in path.read_text()
    assert list(keyring.entries) == [("kolay-invoice", "shop.kolaybi.api_key")]
    assert kolay("kolaybi", "companies", "--profile", "shop")[0] == 0
    assert "in the keyring: shop.kolaybi.api_key" in kolay("config", "show")[1]
    keyring.entries.clear()
    assert "has no entry shop.kolaybi.api_key" in kolay("kolaybi", "companies", "--profile", "shop")[2]


def test_ctrl_d_at_the_prompt_changes_nothing(kolay, typed, monkeypatch):
    def ended(_prompt):
        raise EOFError

    typed("")
    monkeypatch.setattr("getpass.getpass", ended)
    assert kolay("config", "set", "kolaybi.api_key") == (2, "", "Nothing was typed.\n")


def test_a_setting_is_removed_from_the_file(kolay, config):
    path = config('[profiles.shop.kolaybi]\nchannel = "c"\ncompany_id = 5\n\n[profiles.shop.propars]\ntoken = "t"\n')
    code, _, err = kolay("config", "unset", "kolaybi.company_id", "--profile", "shop")
    assert (code, err) == (0, f"kolaybi.company_id of the profile shop is removed from {path}.\n")
    assert "company_id" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert kolay("config", "unset", "kolaybi.channel", "--profile", "shop")[0] == 0
    assert accounts.read_profiles() == {"shop": {"propars": {"token": "t"}}}
    assert kolay("config", "unset", "propars.token", "--profile", "shop")[0] == 0
    assert accounts.read_profiles() == {}


def test_a_secret_is_removed_from_the_keyring_too(kolay, config, keyring, typed, monkeypatch):
    typed(CANARY)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: CANARY)
    assert kolay("config", "set", "kolaybi.api_key", "--keyring")[0] == 0
    assert kolay("config", "unset", "kolaybi.api_key")[0] == 0
    assert not keyring.entries
    # An entry that is already gone from the keyring is removed from the file.
    config('[profiles.default.kolaybi]\napi_key = {keyring = "x"}\n')
    assert kolay("config", "unset", "kolaybi.api_key")[0] == 0
    assert accounts.read_profiles() == {}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("unset", "kolaybi.moon"), "is no setting"),
        (("unset", "kolaybi.channel"), "The profile default has no kolaybi.channel. "),
        (("unset", "propars.token"), "The profile default has no propars.token."),
        (("unset", "kolaybi.api_key", "--profile", "moon"), "There is no profile moon; there are: default."),
        (("show", "--profile", "moon"), "There is no profile moon; there are: default."),
    ],
)
def test_what_is_not_set_cannot_be_removed_or_shown(kolay, config, arguments, expected):
    path = config("[profiles.default.kolaybi]\ncompany_id = 5\n")
    code, out, err = kolay("config", *arguments)
    assert (code, out) == (2, "")
    assert expected.strip() in err
    assert "company_id = 5" in path.read_text()


def test_one_profile_is_shown_alone(kolay, config):
    config('[profiles.a.kolaybi]\nchannel = "c"\n\n[profiles.b.propars]\ntoken = "t"\n')
    out = kolay("config", "show", "--profile", "b")[1]
    assert "[b]" in out
    assert "[a]" not in out
    assert json.loads(kolay("config", "show", "--profile", "a", "--json")[1])["profiles"] == {
        "a": {"kolaybi": {"channel": "***"}}
    }


def test_a_keyring_that_is_locked_is_told(kolay, emulated, config, keyring, typed, monkeypatch):
    def locked(*_):
        raise keyring.errors.KeyringError(CANARY)

    keyring.get_password = keyring.set_password = keyring.delete_password = locked
    config('[profiles.shop.kolaybi]\napi_key = {keyring = "x"}\n')
    typed("")
    monkeypatch.setattr("getpass.getpass", lambda _prompt: CANARY)
    for command in (
        ("kolaybi", "companies", "--profile", "shop"),
        ("config", "set", "kolaybi.channel", "--keyring"),
        ("config", "unset", "kolaybi.api_key", "--profile", "shop"),
    ):
        code, out, err = kolay(*command)
        assert (code, out) == (2, "")
        assert "keyring cannot be used (KeyringError)" in err
        assert CANARY not in err


def test_without_the_extra_the_keyring_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(CommandError, match=r"pip install 'kolay-invoice\[keyring\]'"):
        accounts.keyring()


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("keyring.backends.null.Keyring", "the null backend"),
        ("no_such_module.Keyring", "cannot be loaded (ModuleNotFoundError)"),
        ("keyring.backends.null.NoSuchClass", "cannot be loaded (AttributeError)"),
        ("nonsense", "cannot be loaded (ValueError)"),
        ("keyring.backends.fail.Keyring", "cannot be used (NoKeyringError)"),
    ],
)
def test_a_keyring_that_keeps_nothing_is_never_called_set(backend, said, tmp_path):
    pytest.importorskip("keyring")
    environ = {**os.environ, "PYTHON_KEYRING_BACKEND": backend, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "kolay_invoice.cli", "config", "set", "kolaybi.api_key", "--keyring"]
    done = subprocess.run(command, input=f"{CANARY}\n", capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Nothing was changed" in done.stderr or "keyring" in done.stderr
    assert "Traceback" not in done.stderr
    assert CANARY not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_keyring_without_a_backend_that_keeps_anything_is_refused(keyring):
    keyring.get_keyring = type("Keyring", (), {"__module__": "keyring.backends.null"})
    with pytest.raises(CommandError, match="it keeps nothing"):
        accounts.keyring()
    keyring.get_keyring = lambda: 1 / 0
    with pytest.raises(CommandError, match=r"cannot be loaded \(ZeroDivisionError\)"):
        accounts.keyring()


def test_a_keyring_that_forgets_at_once_is_not_called_set(kolay, keyring, typed, monkeypatch, tmp_path):
    monkeypatch.setattr("getpass.getpass", lambda _: CANARY)
    typed("")
    keyring.set_password = lambda *_: None
    code, _, err = kolay("config", "set", "kolaybi.api_key", "--keyring")
    assert (code, "does not give it back" in err) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("ş = 1".encode("utf-8-sig"), "begins with a byte order mark (BOM)"),
        ("ş = 1".encode("utf-16"), "is written in UTF-16"),
        ("ş = 1".encode("utf-16-le"), "is written in UTF-16"),
        ("ş = 1".encode("utf-16-be"), "is written in UTF-16"),
        ("ş = 1".encode("utf-32"), "is written in UTF-16"),
        ("ş = 1".encode("cp1254"), "may be in Windows-1254 (cp1254)"),
        (b"\xff\xfe", "is written in UTF-16"),
    ],
)
@pytest.mark.parametrize("arguments", [("config", "show"), ("config", "set", "kolaybi.company_id", "3")])
def test_the_encoding_of_the_file_is_said(content, said, arguments, kolay, config):
    path = config("")
    path.write_bytes(content)
    code, _, err = kolay(*arguments)
    assert code == 2
    assert said in err
    assert "save it as UTF-8" in err
    assert path.read_bytes() == content


@pytest.mark.parametrize("found", [RuntimeError, KeyError, lambda: Path("~/.config")], ids=["new", "uid", "old"])
def test_without_a_home_the_error_says_what_to_set(found, kolay, monkeypatch, tmp_path):
    def user_config_path(*_, **__):
        given = found()
        if isinstance(given, Exception):
            raise given
        return given

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KOLAY_INVOICE_CONFIG")
    monkeypatch.setattr("platformdirs.user_config_path", user_config_path)
    for arguments in (("config", "show"), ("config", "set", "kolaybi.company_id", "3"), ("kolaybi", "companies")):
        code, _, err = kolay(*arguments)
        assert (code, "set HOME, name the file in" in err) == (2, True)
    assert list(tmp_path.iterdir()) == []


# Writing the file


def test_a_profile_is_made_setting_by_setting_and_is_private_from_the_start(kolay, emulated, monkeypatch, tmp_path):
    path = tmp_path / "new" / "config.toml"
    monkeypatch.setenv("KOLAY_INVOICE_CONFIG", str(path))
    assert "There is no " in kolay("config", "show")[1]
    for setting, value in (("channel", emulated.kolaybi_channel), ("api_key", emulated.kolaybi_api_key)):
        monkeypatch.setattr(
            sys, "stdin", SimpleNamespace(isatty=lambda: False, readline=lambda value=value: f"{value}\n")
        )
        code, out, err = kolay("config", "set", f"kolaybi.{setting}")
        assert (code, out) == (0, "")
        assert value not in err
    assert kolay("config", "set", "kolaybi.base_url", emulated.kolaybi_url)[0] == 0
    assert kolay("config", "set", "kolaybi.company_id", "5")[0] == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    forget(monkeypatch)
    assert kolay("kolaybi", "list")[0] == 0
    code, out, _ = kolay("config", "show")
    assert "kolaybi.company_id  5" in out
    document = json.loads(kolay("config", "show", "--json")[1])
    assert document["profiles"]["default"]["kolaybi"]["channel"] == "***"
    assert emulated.kolaybi_api_key not in out + json.dumps(document)


def test_writing_keeps_what_a_person_wrote_beside_it(kolay, config):
    path = config("# Mine.\n[profiles.shop.propars]\nbase_url = 'https://api.propars.net' # the only one\n")
    assert kolay("config", "set", "kolaybi.base_url", "production", "--profile", "shop")[0] == 0
    text = path.read_text()
    assert "# Mine." in text
    assert "# the only one" in text
    assert "https://ofis-api.kolaybi.com" in text
    assert set(accounts.read_profiles()["shop"]) == {"propars", "kolaybi"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("kolaybi.password",), "'kolaybi.password' is no setting; there are: kolaybi.channel"),
        (("nothing",), "is no setting"),
        (("kolaybi.api_key", CANARY), "Consider the one that you typed as known."),
        (("kolaybi.base_url",), "as the second argument"),
        (("kolaybi.company_id", "x"), "must be a positive number"),
        (("kolaybi.channel",), "Nothing was typed."),
    ],
)
def test_a_setting_that_cannot_be_written_is_told(kolay, monkeypatch, arguments, expected):
    monkeypatch.setattr(sys, "stdin", None)
    code, out, err = kolay("config", "set", *arguments)
    assert (code, out) == (2, "")
    assert expected in err
    assert CANARY not in err
    assert not accounts.config_path().exists()


def test_a_secret_is_asked_for_without_an_echo(kolay, typed, monkeypatch):
    asked = []
    monkeypatch.setattr(settings.getpass, "getpass", lambda prompt: asked.append(prompt) or CANARY)
    typed("")
    assert kolay("config", "set", "propars.password")[0] == 0
    assert asked == ["propars.password: "]
    assert CANARY in accounts.config_path().read_text()
