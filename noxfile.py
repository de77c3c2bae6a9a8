"""The project's checks: `nox` runs tests, lint and types; `nox -l` lists them all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["tests", "lint", "types"]

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]

# pyenv keeps its Pythons where PATH does not lead, and what stands in PATH for them fails unless they are chosen.
for folder in Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/3.1[1-4].*/bin"):
    os.environ["PATH"] += f"{os.pathsep}{folder}"


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests, on each Python that is found."""
    session.install("-e", ".[all,test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def dev_mode(session: nox.Session) -> None:
    """Run the tests in Python's development mode, which takes half as long again."""
    session.install("-e", ".[all,test]")
    session.run("python", "-X", "dev", "-m", "pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and spelling."""
    session.install(".[lint]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("codespell")


@nox.session
def texts(session: nox.Session) -> None:
    """Bring the catalogue of translations up to date with the texts that the package uses."""
    session.install("-e", ".[all,texts]")
    session.run("python", "tests/catalogue.py")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the package, and of a file that exists only to be type-checked."""
    session.install("-e", ".[all,test,types]")
    session.run("mypy")
    session.run("pyright")


@nox.session
def wheel(session: nox.Session) -> None:
    """Run the tests against the built wheel, away from the sources."""
    session.install("build")
    built = Path(session.create_tmp()).resolve()
    session.run("python", "-m", "build", "--outdir", str(built / "dist"))
    (package,) = (built / "dist").glob("*.whl")
    session.install(f"{package}[all,test]")
    elsewhere = built / "elsewhere"
    shutil.rmtree(elsewhere, ignore_errors=True)
    elsewhere.mkdir()
    for part in ("tests", "examples"):
        shutil.copytree(part, elsewhere / part)
    shutil.copy("pyproject.toml", elsewhere)
    session.chdir(elsewhere)
    session.run("python", "-X", "dev", "-m", "pytest", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Mixed calls with faults at random, for ten minutes or SOAK_SECONDS."""
    session.install("-e", ".[all,test]")
    logged = ("-o", "log_cli=true", "--log-cli-level=INFO")
    seconds = {"SOAK_SECONDS": os.environ.get("SOAK_SECONDS", "600")}
    session.run("python", "-X", "dev", "-m", "pytest", "-n", "0", "tests/soak", *logged, *session.posargs, env=seconds)


@nox.session
def simulation(session: nox.Session) -> None:
    """Search simulated nights for one that breaks the promise, for half an hour or `-- --minutes 5`."""
    session.install("-e", ".[all,test]")
    session.run("python", "-m", "tests.simulation", *(session.posargs or ["--minutes", "30"]))


@nox.session
def fuzz(session: nox.Session) -> None:
    """Look for longer, by example and guided by coverage."""
    session.install("-e", ".[all,test]", "atheris")
    session.run("python", "-m", "pytest", "-n", "0", "tests/fuzz", "--timeout=600", env={"FUZZ_EXAMPLES": "2000"})
    session.run("python", "tests/fuzz/guided.py", *(session.posargs or ["-max_total_time=300"]))


@nox.session
def audit(session: nox.Session) -> None:
    """Look up the locked dependencies among the known vulnerabilities. Where they cannot be looked up it only warns."""
    session.install("pip-audit")
    report = str(session.run("python", "requirements/audit.py", success_codes=[0, 2], silent=True))
    (session.warn if "NOT AUDITED" in report else session.log)(report)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation site so that any warning fails. The tests run every code block of it."""
    session.install("-e", ".[all,test]")
    session.run("mkdocs", "build", "--strict", env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measure the SDK beside what a user would pick instead; `-- --only 1,4` picks rows, `-- --short` is CI's form."""
    # Otherwise the urllib3 of niquests would replace the one that is measured, in requests too.
    unmixed = {"URLLIB3_NO_OVERRIDE": "1"}
    session.install("--no-binary", "urllib3-future", "-e", ".[all,test,benchmark]", env=unmixed)
    session.run("python", "-m", "benchmarks", *session.posargs)
