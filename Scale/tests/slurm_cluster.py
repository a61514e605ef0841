"""A Slurm cluster of two nodes on this machine, with Debian's slurm-wlm and munge; needs root."""

import os
import pathlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "sinfo")


def missing() -> str | None:
    """Why there can be no cluster here; None where there can."""
    path = os.environ["PATH"] + ":/usr/sbin"
    absent = [name for name in PROGRAMS if not shutil.which(name, path=path)]
    if absent:
        return f"{', '.join(absent)}: not installed (apt install slurm-wlm munge)"
    return None if os.geteuid() == 0 else "a cluster's daemons need root"


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _configuration(folder: pathlib.Path) -> str:
    controller, *nodes = _free_ports(3)
    host = socket.gethostname()
    lines = [
        "ClusterName=sonoform",
        f"SlurmctldHost={host}(127.0.0.1)",
        f"SlurmctldPort={controller}",
        "SlurmUser=root",
        "AuthType=auth/munge",
        f"AuthInfo=socket={folder}/munge.socket",
        "CredType=cred/munge",
        f"StateSaveLocation={folder}/state",
        f"SlurmdSpoolDir={folder}/spool.%n",
        f"SlurmctldPidFile={folder}/slurmctld.pid",
        f"SlurmdPidFile={folder}/%n.pid",
        f"SlurmctldLogFile={folder}/slurmctld.log",
        f"SlurmdLogFile={folder}/%n.log",
        "ProctrackType=proctrack/linuxproc",
        "TaskPlugin=task/none",
        "SelectType=select/cons_tres",
        "SelectTypeParameters=CR_Core",
        "SlurmdParameters=config_overrides",
        "AccountingStorageType=accounting_storage/none",
        "JobAcctGatherType=jobacct_gather/none",
        "MpiDefault=none",
        "ReturnToService=2",
        "SchedulerParameters=bf_interval=1,batch_sched_delay=0",
        "PartitionName=all Nodes=one,two Default=YES MaxTime=10 State=UP",
    ]
    address = f"NodeHostname={host} NodeAddr=127.0.0.1 CPUs=1 State=UNKNOWN"
    for name, port in zip(("one", "two"), nodes, strict=True):
        lines.append(f"NodeName={name} Port={port} {address}")
    return "\n".join(lines) + "\n"


@contextmanager
def slurm_cluster(folder: pathlib.Path) -> Iterator[dict[str, str]]:
    """Gives the environment in which Slurm's commands ask the cluster; all ends with it."""
    folder.chmod(0o755)
    for name in ("state", "munge"):
        (folder / name).mkdir(mode=0o700)
    key = folder / "munge/key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    (folder / "slurm.conf").write_text(_configuration(folder))
    environment = {
        **os.environ,
        "SLURM_CONF": str(folder / "slurm.conf"),
        "PATH": os.environ["PATH"] + ":/usr/sbin",
    }
    munge = ["munged", "--foreground", "--force", f"--key-file={key}"]
    munge += [f"--{name}={folder}/munge.{name[:4]}" for name in ("pid-file", "log-file")]
    munge += [f"--seed-file={folder}/munge/seed", f"--socket={folder}/munge.socket"]
    daemons = [munge, ["slurmctld", "-D", "-i"], ["slurmd", "-D", "-N", "one"]]
    daemons.append(["slurmd", "-D", "-N", "two"])
    running: list[subprocess.Popen] = []
    try:
        with open(folder / "daemons.log", "wb") as log:
            for daemon in daemons:
                running.append(
                    subprocess.Popen(daemon, env=environment, stdout=log, stderr=log, cwd=folder)
                )
                if daemon is munge:
                    _wait((folder / "munge.socket").exists, folder)
        _wait(lambda: _ask(environment, "sinfo", "-h", "-o", "%T %D") == "idle 2", folder)
        yield environment
    finally:
        _ask(environment, "scancel", "--user=root")
        for process in reversed(running):
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ask(environment: dict[str, str], *command: str) -> str:
    return subprocess.run(command, env=environment, capture_output=True, text=True).stdout.strip()


def _wait(condition, folder: pathlib.Path, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            logs = [path.read_text(errors="replace")[-2_000:] for path in folder.glob("*.log")]
            raise RuntimeError("Slurm did not begin:\n" + "\n".join(logs))
        time.sleep(0.1)
