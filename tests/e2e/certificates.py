# SPDX-License-Identifier: MIT
"""Certificates for tests, good ones and bad ones, by openssl."""
import os
import subprocess


def make_certificates(folder):
    """ca -> good, wrong-name, expired; ca -> intermediate -> no-intermediate; self-signed."""
    os.makedirs(folder, exist_ok=True)
    path = lambda name: os.path.join(folder, name)  # noqa: E731

    def openssl(*args):
        subprocess.run(["openssl", *args], check=True, cwd=folder, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def key(name):
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name + ".key")

    def authority(name, signer=None):
        key(name)
        with open(path(name + ".ext"), "w", encoding="ascii") as f:
            f.write("basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n")
        openssl("req", "-new", "-key", name + ".key", "-subj", f"/CN=test {name}", "-out", name + ".csr")
        how = ["-signkey", name + ".key"] if not signer else \
            ["-CA", signer + ".pem", "-CAkey", signer + ".key", "-CAcreateserial"]
        openssl("x509", "-req", "-in", name + ".csr", *how, "-days", "30", "-extfile", name + ".ext",
                "-out", name + ".pem")

    def server(name, signer, names):
        key(name)
        # openssl ca, because only it takes an end date that has passed
        with open(path(name + ".cnf"), "w", encoding="ascii") as f:
            f.write("[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\n"
                    "default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n[x]\n"
                    f"basicConstraints=CA:FALSE\nsubjectAltName={names}\n")
        openssl("req", "-new", "-key", name + ".key", "-subj", "/CN=test server", "-out", name + ".csr")
        dates = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"] if name == "expired" else \
            ["-days", "30"]
        how = ["-selfsign", "-keyfile", name + ".key"] if not signer else \
            ["-cert", signer + ".pem", "-keyfile", signer + ".key"]
        openssl("ca", "-batch", "-notext", "-config", name + ".cnf", "-extensions", "x", "-in", name + ".csr",
                *how, *dates, "-out", name + ".pem")

    open(path("index.txt"), "w", encoding="ascii").close()
    with open(path("serial"), "w", encoding="ascii") as f:
        f.write("1000\n")
    ours = "DNS:localhost," + ",".join(f"IP:127.0.{i}.{j}" for i in range(3) for j in range(1, 41))
    authority("ca")
    authority("intermediate", "ca")
    server("good", "ca", ours)
    server("wrong-name", "ca", "DNS:other.example")
    server("expired", "ca", ours)
    server("no-intermediate", "intermediate", ours)
    server("self-signed", None, ours)
    return ["good", "wrong-name", "expired", "no-intermediate", "self-signed"]
