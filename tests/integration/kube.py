"""A real Kubernetes API server without nodes: etcd and kube-apiserver, asked through kubectl."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from integration.conftest import free_port, server_program

TOKEN = "test-token"
STRANGER = "token-of-someone-without-rights"


class Cluster(NamedTuple):
    """A running API server: its kubectl and a kubeconfig of its administrator."""

    kubectl: Path
    kubeconfig: Path

    def run(self, *arguments: str, given: str = "") -> str:
        """Run kubectl; the test fails with what it said if it fails."""
        command = [str(self.kubectl), "--kubeconfig", str(self.kubeconfig), *arguments]
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def may(self, account: str, verb: str, resource: str, name: str = "", group: str = "") -> bool:
        """Ask, by a SubjectAccessReview, whether a service account may do something."""
        resource, _, subresource = resource.partition("/")
        attributes = {
            "namespace": "nescio", "verb": verb, "resource": resource, "name": name,
            "group": group, "subresource": subresource,
        }  # fmt: skip
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": f"system:serviceaccount:nescio:{account}",
                "resourceAttributes": attributes,
            },
        }
        answer = self.run("create", "-o", "json", "-f", "-", given=json.dumps(review))
        return bool(json.loads(answer)["status"]["allowed"])

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """Return one object of the namespace as the server stores it."""
        found: dict[str, Any] = json.loads(
            self.run("get", kind, name, "-n", "nescio", "-o", "json")
        )
        return found


@contextmanager
def api_server(folder: Path) -> Iterator[Cluster]:
    """Run etcd and kube-apiserver on free ports; their data stays in the folder."""
    etcd, apiserver, kubectl = map(server_program, ("etcd", "kube-apiserver", "kubectl"))
    client, peer, secure = free_port(), free_port(), free_port()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (folder / "sa.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    tokens = f"{TOKEN},admin,admin,system:masters\n{STRANGER},stranger,stranger\n"
    (folder / "tokens.csv").write_text(tokens)
    store = f"http://127.0.0.1:{client}"
    store_options = {
        "--data-dir": folder / "etcd",
        "--listen-client-urls": store,
        "--advertise-client-urls": store,
        "--listen-peer-urls": f"http://127.0.0.1:{peer}",
    }
    server_options = {
        "--etcd-servers": store,
        "--bind-address": "127.0.0.1",
        "--advertise-address": "127.0.0.1",
        "--secure-port": secure,
        "--cert-dir": folder / "certs",
        "--token-auth-file": folder / "tokens.csv",
        "--service-account-issuer": "https://kubernetes.default.svc",
        "--service-account-key-file": folder / "sa.key",
        "--service-account-signing-key-file": folder / "sa.key",
        "--authorization-mode": "RBAC",
        "--service-cluster-ip-range": "10.96.0.0/16",
    }
    with ExitStack() as stack:
        log = stack.enter_context((folder / "servers.log").open("w"))
        for program, options in ((etcd, store_options), (apiserver, server_options)):
            command = [str(program), *(f"{name}={value}" for name, value in options.items())]
            process = subprocess.Popen(command, stdout=log, stderr=log)
            stack.callback(process.wait, timeout=30)
            stack.callback(process.terminate)
        cluster = Cluster(kubectl, _kubeconfig(folder, secure))
        _wait_until_ready(cluster)
        yield cluster


def _kubeconfig(folder: Path, port: int) -> Path:
    server = f"https://127.0.0.1:{port}"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "c", "cluster": {"server": server, "insecure-skip-tls-verify": True}}
        ],
        "users": [{"name": "admin", "user": {"token": TOKEN}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "admin"}}],
        "current-context": "c",
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(config))
    return path


def _wait_until_ready(cluster: Cluster) -> None:
    command = [str(cluster.kubectl), "--kubeconfig", str(cluster.kubeconfig)]
    for _ in range(120):
        done = subprocess.run(
            [*command, "get", "namespace", "default"], capture_output=True, timeout=30, check=False
        )
        if done.returncode == 0:
            return
        time.sleep(0.5)
    pytest.fail("the Kubernetes API server was not ready within 60 s")
