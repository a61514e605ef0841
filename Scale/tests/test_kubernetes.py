"""The manifests are valid, and the program takes the arguments that they give it."""

import kubernetes_validate
import pytest
import yaml
from conftest import ROOT, copy_sample, run

MANIFESTS = ROOT / "Scale/kubernetes"


def job(name):
    return yaml.safe_load((MANIFESTS / f"{name}.yaml").read_text())


def container(name):
    return job(name)["spec"]["template"]["spec"]["containers"][0]


# 1.33 is the first in which all that they use is stable.
@pytest.mark.parametrize("version", ["1.33", "1.35", "1.37"])
@pytest.mark.parametrize("name", ["batch", "merge"])
def test_a_manifest_is_valid(name, version):
    kubernetes_validate.validate(job(name), version, strict=True)
    wrong = job(name)
    wrong["spec"]["template"]["spec"]["containers"][0]["argz"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, version, strict=True)


def test_every_part_has_a_pod_and_the_program_takes_the_arguments(program, tmp_path):
    batch = job("batch")["spec"]
    parts = batch["completions"]
    assert batch["completionMode"] == "Indexed"
    assert f"--shard=$(PART)/{parts}" in container("batch")["args"]
    assert [one["name"] for one in container("batch")["env"]] == ["PART"]

    def arguments(name, part):
        for argument in container(name)["args"]:
            argument = argument.replace("$(PART)", str(part)).replace("/clouds", f"{tmp_path}/out")
            yield argument.replace("/recordings", f"{tmp_path}/in")

    for number in range(4):
        copy_sample("red-ball.flac", tmp_path / f"in/{number}.flac")
    for part in range(parts):
        done = run(program, *arguments("batch", part))
        assert done.returncode == 0, done.stderr
    merged = run(program, *arguments("merge", 0))
    assert merged.returncode == 0 and merged.stdout.startswith("4 merged, 0 failed, 0 missing")
