"""Drives docker-py on the engine of DOCKER_HOST: session.py VERSION PART. The first step that does not hold ends it."""
import io
import sys
import tarfile
import time

import docker
from docker.errors import APIError, BuildError, ContainerError, ImageNotFound, NotFound
from docker.types import LogConfig, Mount, Ulimit

client = docker.from_env(version=sys.argv[1])
api = client.api


def step(name, held):
    if not held:
        sys.exit("step failed: " + name)


def raises(kind, call, status=None, text=""):
    try:
        call()
    except kind as error:
        return (status is None or error.response.status_code == status) and text in str(error)
    return False


def system():
    step("ping", client.ping())
    step("version", client.version()["ApiVersion"] == "1.50")
    step("info", client.info()["OSType"] == "linux" and client.info()["Swarm"]["LocalNodeState"] == "inactive")
    step("images", ["busybox:latest"] in [i.tags for i in client.images.list()])
    step("missing image", raises(ImageNotFound, lambda: client.images.get("nothing")))


def containers():
    step("run", client.containers.run("busybox", "echo hi", remove=True, network_mode="none") == b"hi\n")
    step("run, stderr", client.containers.run("busybox", "sh -c 'echo e >&2'", stderr=True, remove=True, network_mode="none") == b"e\n")
    step("run, failing", raises(ContainerError, lambda: client.containers.run("busybox", "sh -c 'exit 3'", remove=True, network_mode="none"), text="exit status 3"))
    step("missing command", raises(APIError, lambda: client.containers.run("busybox", "nothing", network_mode="none", name="bad"), 400, "executable file not found"))
    client.containers.get("bad").remove()

    c = client.containers.create(
        "busybox", "sleep 60", name="main", network_mode="none", labels={"a": "b"}, environment={"X": "1"},
        mem_limit="64m", ulimits=[Ulimit(name="nofile", soft=64, hard=128)], working_dir="/tmp", init=True,
        log_config=LogConfig(type=LogConfig.types.JSON, config={"max-size": "1m"}), read_only=False,
        volumes={"data": {"bind": "/data", "mode": "rw"}}, mounts=[Mount("/scratch", None, type="tmpfs")],
        tmpfs={"/t": "size=1m"}, cap_drop=["CHOWN"], pids_limit=50, stop_signal="SIGTERM",
    )
    step("created", c.status == "created")
    step("name in use", raises(APIError, lambda: client.containers.create("busybox", name="main"), 409, "is already in use by container"))
    c.start()
    c.reload()
    step("running", c.status == "running" and c.attrs["HostConfig"]["Memory"] == 64 << 20)
    step("list", [x.name for x in client.containers.list(filters={"label": "a=b", "status": "running"})] == ["main"])
    step("unknown filter", raises(APIError, lambda: client.containers.list(filters={"nope": "x"}), 400, "invalid filter"))
    step("exec", c.exec_run("sh -c 'echo $X; pwd; exit 4'") == (4, b"1\n/tmp\n"))
    step("exec, streams apart", c.exec_run("sh -c 'echo o; echo e >&2'", demux=True).output == (b"o\n", b"e\n"))
    step("exec, stream", b"".join(c.exec_run("sh -c 'echo 1; echo 2'", stream=True).output) == b"1\n2\n")
    _, sock = c.exec_run("cat", stdin=True, socket=True)
    sock._sock.sendall(b"through\n")
    step("exec, socket", b"through\n" in sock._sock.recv(64))
    sock._sock.close()
    step("exec, tty", b"/dev/pts" in c.exec_run("tty", tty=True).output)
    step("exec, detached", c.exec_run("touch /tmp/done", detach=True).output in (b"", None, ""))
    step("top", "sleep 60" in str(c.top()))
    step("no such container", raises(NotFound, lambda: client.containers.get("nothing"), 404, "No such container: nothing"))
    c.pause()
    c.reload()
    step("paused", c.status == "paused")
    c.unpause()
    c.rename("other")
    step("renamed", client.containers.get("other").id == c.id)
    c.update(mem_limit="128m", memswap_limit="256m")
    c.reload()
    step("updated", c.attrs["HostConfig"]["Memory"] == 128 << 20)

    start = time.time()
    c.kill("SIGKILL")
    step("wait", c.wait()["StatusCode"] == 137)
    step("stopped within a moment", time.time() - start < 5)
    step("start again", c.start() is None)
    c.restart(timeout=0)
    c.stop(timeout=0)
    step("stop", c.wait()["StatusCode"] in (137, 143))

    c.remove(v=True)


def archives():
    c = client.containers.run("busybox", "sleep 60", name="other", network_mode="none", detach=True)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo("sent")
        entry.size = 5
        tar.addfile(entry, io.BytesIO(b"hello"))
    step("put archive", c.put_archive("/tmp", archive.getvalue()))
    bits, stat = c.get_archive("/tmp/sent")
    with tarfile.open(fileobj=io.BytesIO(b"".join(bits))) as tar:
        step("get archive", tar.extractfile("sent").read() == b"hello" and stat["size"] == 5 and stat["name"] == "sent")
    step("archive of nothing", raises(NotFound, lambda: c.get_archive("/nothing"), 404))
    step("diff", {"Path": "/tmp/sent", "Kind": 1} in c.diff())
    with tarfile.open(fileobj=io.BytesIO(b"".join(c.export()))) as tar:
        step("export", "tmp/sent" in tar.getnames())
    c.remove(force=True)


def stats():
    c = client.containers.run("busybox", "sleep 60", name="other", network_mode="none", detach=True)
    stats = c.stats(stream=False)
    step("stats", stats["memory_stats"]["usage"] > 0 and stats["name"] == "/other" and "cpu_stats" in stats)
    step("stats stream", "read" in next(c.stats(decode=True)))

    c.remove(force=True)


def images():
    c = client.containers.run("busybox", "sleep 60", name="other", network_mode="none", detach=True)
    image = c.commit("made", tag="1", author="me", message="why", changes="ENV Y=2")
    step("commit", image.tags == ["made:1"] and "Y=2" in image.attrs["Config"]["Env"])
    step("history", image.history()[0]["Comment"] == "why")
    step("tag", image.tag("made", "2") and sorted(client.images.get("made:2").tags) == ["made:1", "made:2"])
    client.images.remove("made:1")
    client.images.remove("made:2", force=True)
    step("removed", raises(ImageNotFound, lambda: client.images.get("made:1")))
    c.remove(force=True)


def saved_images():
    c = client.containers.run("busybox", "sleep 60", name="other", network_mode="none", detach=True)
    image = c.commit("made", tag="1")
    c.remove(force=True)
    saved = b"".join(image.save(named=True))
    client.images.remove("made:1")
    step("load", [i.tags for i in client.images.load(saved)] == [["made:1"]])
    client.images.remove("made:1")


def builds():
    text = b"FROM busybox\nARG WORD\nRUN echo $WORD > /word\n"
    options = {"fileobj": io.BytesIO(text), "rm": True, "network_mode": "none"}
    image, lines = client.images.build(tag="built", buildargs={"WORD": "hi"}, labels={"l": "1"}, **options)
    step("tagged", image.tags == ["built:latest"])
    step("label", image.labels["l"] == "1")
    step("told", any("Successfully tagged built:latest" in line.get("stream", "") for line in lines))
    step("runs", client.containers.run("built", "cat /word", network_mode="none", remove=True) == b"hi\n")
    failing = lambda: client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN exit 7\n"), rm=True)
    step("fails", raises(BuildError, failing))
    client.images.remove("built")


def volumes():
    v = client.volumes.create("named", labels={"k": "v"})
    step("volume", v.attrs["Labels"] == {"k": "v"} and v in client.volumes.list(filters={"label": "k"}))
    v.remove()

    step("volume prune", "VolumesDeleted" in client.volumes.prune())


def streams():
    logger = client.containers.run("busybox", "sh -c 'echo one; echo two >&2; sleep 0.2; echo three'", detach=True, network_mode="none")
    logger.wait()
    step("logs", sorted(logger.logs().split()) == [b"one", b"three", b"two"])
    step("logs, stdout", logger.logs(stderr=False) == b"one\nthree\n")
    step("logs, tail", logger.logs(stderr=False, tail=1) == b"three\n")
    step("logs, stream", b"".join(logger.logs(stream=True, follow=True, stderr=False)) == b"one\nthree\n")
    step("logs, timestamps", logger.logs(timestamps=True, stderr=False)[4:5] == b"-")
    # docker-py reads the socket beneath its own buffer: where what was attached to came along with the head, it is lost.
    step("attach, logs", any(b"one" in logger.attach(logs=True, stream=False) for _ in range(20)))
    logger.remove()

    typed = api.create_container("busybox", "cat", stdin_open=True, host_config=api.create_host_config(network_mode="none"))
    sock = api.attach_socket(typed, params={"stdin": 1, "stdout": 1, "stream": 1})
    api.start(typed)
    sock._sock.sendall(b"typed\n")
    step("attach socket", sock._sock.recv(64).endswith(b"typed\n"))
    sock._sock.close()
    api.remove_container(typed, force=True)


def events():
    start = time.time()
    client.containers.run("busybox", "true", remove=True, network_mode="none")
    events = client.events(since=int(start), until=int(time.time()) + 1, decode=True, filters={"type": "container", "event": "die"})
    step("events", {e["Action"] for e in events} == {"die"})


def networks():
    net = client.networks.create("apart", driver="bridge", labels={"n": "1"})
    step("network", net.name in [n.name for n in client.networks.list(filters={"label": "n=1"})])
    one = client.containers.run("busybox", "sleep 60", detach=True, network="apart", name="one", hostname="one")
    step("network name", client.containers.run("busybox", "ping -c 1 -W 2 one", network="apart", remove=True) != b"")
    net.disconnect(one)
    net.connect(one, aliases=["alias"])
    net.reload()
    step("network containers", [x.name for x in net.containers] == ["one"])
    one.remove(force=True)
    net.remove()
    step("network gone", raises(NotFound, lambda: client.networks.get("apart"), 404))


def ports():
    published = client.containers.run("busybox", "sh -c 'mkdir /w; echo page > /w/index.html; exec httpd -f -p 80 -h /w'", detach=True, ports={"80/tcp": ("127.0.0.1", None)})
    published.reload()
    step("published", published.ports["80/tcp"][0]["HostIp"] == "127.0.0.1" and int(published.ports["80/tcp"][0]["HostPort"]) > 0)
    published.remove(force=True)


def health():
    health = client.containers.run(
        "busybox", "sleep 60", detach=True, network_mode="none",
        healthcheck={"test": ["CMD", "true"], "interval": 500000000, "retries": 1},
    )
    for _ in range(50):
        health.reload()
        if health.attrs["State"]["Health"]["Status"] == "healthy":
            break
        time.sleep(0.1)
    step("health", health.attrs["State"]["Health"]["Status"] == "healthy")
    health.remove(force=True)


def rest():
    step("df", "LayersSize" in client.df())
    step("prune", "SpaceReclaimed" in client.containers.prune() and "SpaceReclaimed" in client.images.prune())
    step("swarm", raises(APIError, lambda: client.services.list(), 503, "This node is not a swarm manager"))
    step("plugins", client.plugins.list() == [])


globals()[sys.argv[2]]()
client.close()
