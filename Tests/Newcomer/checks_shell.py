"""What the program and the examples give to a shell, a pager and systemd."""

import re
import subprocess

from checks import PROJECT, check, expect


def ran(*command, **options):
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)


@check("the completions are sound in bash and in zsh")
def completions(place):
    for shell in ("bash", "zsh"):
        script = place.root / f"completion.{shell}"
        script.write_text(place.run("completion", shell))
        read = ran(shell, "-n", script)
        expect(read.returncode == 0 and not read.stdout, f"{shell} -n: {read.stdout}")
    # … and bash answers with what it was asked for.
    asked = ran(
        "bash", "-c", f"source {place.root}/completion.bash; COMP_WORDS=(offload inst); COMP_CWORD=1; _offload; "
        'echo "${COMPREPLY[*]}"')
    expect(asked.stdout.strip() == "install", f"bash completed \"inst\" with: {asked.stdout}")


@check("the manual page renders without a warning")
def manual(place):
    page = place.root / "offload.1"
    page.write_text(place.run("manual"))
    rendered = ran("groff", "-man", "-ww", "-z", "-Kutf8", "-Tutf8", page)
    expect(rendered.returncode == 0 and not rendered.stdout, rendered.stdout[-1500:])
    shown = ran("man", "--warnings", "-l", page, env={"MANPAGER": "cat", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    expect(shown.returncode == 0 and "warning" not in shown.stdout, shown.stdout[-1500:])
    expect("offload work" in shown.stdout, "the page does not tell of offload work")


@check("every command explains itself with an example")
def help_texts(place):
    listed = place.run("--help")
    commands = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  +\S", listed.split("Commands:")[1].split("First steps")[0], re.M)
    expect(len(commands) >= 8, f"only these commands are listed: {commands}")
    for command in commands:
        text = place.run(*command.split(), "--help")
        expect(f"\n  offload {command}" in text.split("Examples:")[-1] and "Examples:" in text,
               f"offload {command} --help has no example")


@check("systemd finds nothing wrong with the unit of examples/")
def unit(place):
    # The program and its account are not installed here: a copy of the unit names those that are.
    text = (PROJECT / "examples/offload.service").read_text()
    copy = place.root / "offload.service"
    copy.write_text(text.replace("/usr/local/bin/offload", str(place.offload)).replace("User=offload", "User=daemon"))
    expect(copy.read_text() != text, "the unit runs another program than /usr/local/bin/offload")
    verified = ran("systemd-analyze", "verify", "--man=no", copy)
    # What it says of units that this machine has besides is not ours.
    said = [line for line in verified.stdout.splitlines() if "offload.service" in line]
    expect(verified.returncode == 0 and not said, "\n".join(said) or verified.stdout[-1500:])
